/* SPDX-License-Identifier: MIT */
/* What a machine check's reports mean (SDM vol. 3, 16.6.3, 16.9). */
#pragma once

#include "kernel/lib/compiler.h"

/* IA32_MCG_STATUS, IA32_MCG_CAP, IA32_MCi_STATUS (SDM vol. 3, 16.3). */
#define MCG_RIPV  (1ull << 0)	/* the interrupted program can go on at its RIP */
#define MCG_EIPV  (1ull << 1)	/* that RIP has to do with the error */
#define MCG_SER_P (1ull << 24)	/* capability: S and AR mean something */
#define MC_VALID  (1ull << 63)
#define MC_OVER   (1ull << 62)	/* another report was lost */
#define MC_UC	  (1ull << 61)	/* uncorrected */
#define MC_EN	  (1ull << 60)	/* it may raise #MC */
#define MC_ADDRV  (1ull << 58)
#define MC_PCC	  (1ull << 57)	/* the CPU's own state is damaged */
#define MC_S	  (1ull << 56)	/* it did raise #MC */
#define MC_AR	  (1ull << 55)	/* the interrupted program needs what is lost */

/* From harmless to hopeless. */
enum mc_grade {
	MC_NOTHING,		/* no report */
	MC_OTHER_CPU,		/* in a bank that CPUs share: another one's program cannot go on */
	MC_GO_ON,		/* corrected, or in memory that nobody is using now */
	MC_END_PROGRAM,		/* the interrupted program cannot go on */
	MC_FATAL		/* nobody can */
};

/* One bank's report, as this CPU's MCG_STATUS lets it be read.  ser: MCG_SER_P. */
enum mc_grade mc_grade(uint64_t status, uint64_t mcg_status, bool ser);
