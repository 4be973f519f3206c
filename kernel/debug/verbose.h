/* SPDX-License-Identifier: MIT */
/* The option verbose: what loader and firmware told, for reports about machines that do not boot as they should. */
#pragma once

/* After acpi_init. */
void verbose_print(void);
