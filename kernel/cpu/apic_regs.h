/* SPDX-License-Identifier: MIT */
/* The local APIC's registers, in the one numbering of both modes (SDM vol. 3, table 11-6). */
#pragma once

#include "kernel/lib/compiler.h"

/* Offsets of the xAPIC page; x2APIC has register r at MSR_X2APIC + r / 16. */
#define APIC_VERSION   0x030
#define APIC_TPR       0x080
#define APIC_EOI       0x0b0
#define APIC_SPURIOUS  0x0f0
#define APIC_ISR       0x100
#define APIC_ESR       0x280
#define APIC_LVT_CMCI  0x2f0
#define APIC_ICR_LOW   0x300
#define APIC_ICR_HIGH  0x310
#define APIC_LVT_TIMER 0x320
#define APIC_LVT_THERMAL 0x330
#define APIC_LVT_PERF  0x340
#define APIC_LVT_LINT0 0x350
#define APIC_LVT_LINT1 0x360
#define APIC_LVT_ERROR 0x370
#define APIC_TIMER_INITIAL 0x380
#define APIC_TIMER_CURRENT 0x390
#define APIC_TIMER_DIVIDE  0x3e0

#define APIC_SPURIOUS_ENABLE (1u << 8)
#define APIC_LVT_MASKED      (1u << 16)
#define APIC_DELIVER_NMI     (4u << 8)
#define APIC_DELIVER_INIT    (5u << 8)
#define APIC_DELIVER_STARTUP (6u << 8)
#define APIC_ICR_PENDING     (1u << 12)
#define APIC_ICR_ASSERT      (1u << 14)
#define APIC_ICR_OTHERS      (3u << 18)
#define APIC_DIVIDE_BY_1     0xb

extern bool x2apic;	/* constant after apic_init */

uint32_t apic_read(unsigned reg);
void apic_write(unsigned reg, uint32_t value);
/* Sends one interrupt command to a physical APIC id; waits until it has left.  Any context. */
void apic_command(uint32_t dest, uint32_t command);
