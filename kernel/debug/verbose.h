/* SPDX-License-Identifier: MIT */
/* The option verbose: what loader and firmware told, for reports about machines that boot badly. */
#pragma once

/* After acpi_init. */
void verbose_print(void);
