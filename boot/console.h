/* SPDX-License-Identifier: MIT */
/*
 * The devices under printk and under /dev/console: COM1, COM2, VGA text, a linear
 * framebuffer.  Output only; COM1 input arrives by interrupt in kernel/fs/tty.c.
 */
#pragma once

#include "boot/boot_info.h"

/* Before anything else in C: the UART, polled.  Harmless where there is none. */
void console_early_init(void);
/*
 * Adds the screen that the boot loader left, if the boot page tables reach it: as soon as the
 * loader's data has been read, whatever else was wrong with that.
 */
void console_screen_early(const struct boot_framebuffer *fb);
/* Right after paging_init, which took that mapping away: the screen's own, for good. */
void console_screen_map(const struct boot_framebuffer *fb);

/* Raw bytes to COM1 and the screen: what user programs write to /dev/console. */
void console_write_user(const char *bytes, size_t n);
/*
 * One line of the kernel log: to the memory log and, if show, to COM1 and screen, or to
 * COM2 with log=com2.
 */
void console_write_log(const char *bytes, size_t n, bool show);
/* From here on log=com2 means COM2 as well as, not instead of: for panic and fatal. */
void console_log_everywhere(void);
/* The screen becomes a blank page that does not scroll: for panic. */
void console_begin_page(void);
/* Until the transmitters are empty: what was written survives the power going off. */
void console_drain(void);

/*
 * COM1's receiver, for the tty.  serial_read hands over what has arrived, but some FIFOs full at
 * most: false if there is more.
 */
bool serial_read(void (*receive)(unsigned char c));
void serial_receive_irq(bool on);
#define SERIAL_COM1_ISA_IRQ 4
