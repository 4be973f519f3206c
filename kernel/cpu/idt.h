/* SPDX-License-Identifier: MIT */
/* Interrupt descriptor tables: an early one without IST, then the real one. */
#pragma once

#include <stdint.h>
#include "kernel/lib/compiler.h"

#define VECTOR_SYSCALL     0x80
#define VECTOR_DEVICE_BASE 0x30	/* IOAPIC pins that the kernel uses: 0x30 + ISA IRQ */
#define VECTOR_TIMER       0xf0
#define VECTOR_RESCHEDULE  0xf1
#define VECTOR_TLB         0xf2
#define VECTOR_STOP        0xf3	/* panic on another CPU */
#define VECTOR_SPURIOUS    0xff

/* Addresses of the stubs; entry/ has one for each vector. */
extern const uintptr_t entry_vectors[256];

/*
 * First thing in C, on each CPU: exceptions print one line and end the machine, an NMI returns
 * (R2.28); no IST (spec 2.3 g).  One CPU at a time.
 */
void idt_early_load(void);
/* Fills the real table, and loads it on the calling CPU; cpu_area_load does so last (R1.9). */
void idt_init(void);
void idt_load(void);
/* Debug builds, kernel tests only: may INT vector come from user mode? */
void idt_set_user_gate(unsigned vector, bool user);

/* Boot CPU, once, all sources masked: drops what firmware left in the local APIC. */
void irq_drain(void);

typedef void irq_handler(void *arg);
/* Routes one ISA IRQ to the boot CPU and unmasks it.  Thread context, boot only. */
int irq_request_isa(unsigned isa_irq, irq_handler *handler, void *arg);
/* Called by entry's common IRQ stub, interrupts off, on the thread or idle stack.  Sends EOI. */
struct pt_regs;
void irq_dispatch(struct pt_regs *regs);
