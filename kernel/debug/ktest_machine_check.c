/* SPDX-License-Identifier: MIT */
/* Kernel test of the judgement about machine checks, a row of SDM vol. 3, 16.6.3 for each. */
#include "kernel/cpu/machine_check.h"
#include "kernel/debug/ktest.h"

#define ERROR (MC_VALID | MC_UC | MC_EN)

KTEST(machine_check_grades)
{
	KTEST_EQ(mc_grade(0, true), MC_NOTHING);
	KTEST_EQ(mc_grade(ERROR & ~MC_VALID, true), MC_NOTHING);
	KTEST_EQ(mc_grade(MC_VALID, true), MC_GO_ON);			/* corrected */
	KTEST_EQ(mc_grade(ERROR, true), MC_GO_ON);			/* UCNA */
	KTEST_EQ(mc_grade(ERROR | MC_S, true), MC_GO_ON);		/* SRAO */
	KTEST_EQ(mc_grade(ERROR | MC_S | MC_OVER, true), MC_GO_ON);
	KTEST_EQ(mc_grade(ERROR | MC_S | MC_AR, true), MC_END_PROGRAM); /* SRAR */
	KTEST_EQ(mc_grade(ERROR | MC_S | MC_AR | MC_OVER, true), MC_FATAL);
	KTEST_EQ(mc_grade(MC_VALID | MC_UC | MC_S | MC_AR, true), MC_GO_ON);	/* not enabled */
	KTEST_EQ(mc_grade(ERROR | MC_PCC, true), MC_FATAL);
	KTEST_EQ(mc_grade(MC_VALID | MC_UC | MC_PCC, true), MC_FATAL);
	/* S and AR mean nothing: whatever is not corrected is needed. */
	KTEST_EQ(mc_grade(ERROR, false), MC_END_PROGRAM);
	KTEST_EQ(mc_grade(ERROR | MC_OVER, false), MC_FATAL);
	KTEST_EQ(mc_grade(ERROR | MC_PCC, false), MC_FATAL);
}
