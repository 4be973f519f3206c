/* SPDX-License-Identifier: MIT */
/*
 * The PS/2 keyboard (or the USB one that firmware shows as such): what a shell is typed to on a
 * machine without serial port.  US layout.
 */
#pragma once

#include "kernel/lib/compiler.h"

#define KEYBOARD_ISA_IRQ 1

/* After the interrupt has been requested.  One line says so where there is no controller. */
void keyboard_init(void);
/* Hands over every character that was typed.  In the interrupt. */
void keyboard_read(void (*receive)(unsigned char c));

#define KEY_BYTES 3
/*
 * What a byte of scan code set 1 means: the number of characters that it adds to out (0: none, or
 * part of a longer code).
 */
unsigned keyboard_decode(uint8_t code, char out[KEY_BYTES]);
