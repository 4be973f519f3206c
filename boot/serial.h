/* SPDX-License-Identifier: MIT */
/* Two 16550 UARTs, polled output.  A port without a UART swallows everything. */
#pragma once

#include "kernel/lib/compiler.h"

enum serial_port { SERIAL_COM1, SERIAL_COM2, SERIAL_PORTS };

void serial_init(enum serial_port port);
void serial_write_byte(enum serial_port port, char c);
/* Until the last bit has left. */
void serial_drain(enum serial_port port);
