/* SPDX-License-Identifier: MIT */
/* Kernel test of the judgement about machine checks, a row of SDM vol. 3, 16.6.3 for each. */
#include "kernel/cpu/machine_check.h"
#include "kernel/debug/ktest.h"

#define ERROR (MC_VALID | MC_UC | MC_EN)
#define HERE  (MCG_RIPV | MCG_EIPV)
#define SRAR  (ERROR | MC_S | MC_AR)

KTEST(machine_check_grades)
{
	KTEST_EQ(mc_grade(0, HERE, true), MC_NOTHING);
	KTEST_EQ(mc_grade(ERROR & ~MC_VALID, HERE, true), MC_NOTHING);
	KTEST_EQ(mc_grade(MC_VALID, HERE, true), MC_GO_ON);		/* corrected */
	KTEST_EQ(mc_grade(ERROR, HERE, true), MC_GO_ON);		/* UCNA */
	KTEST_EQ(mc_grade(ERROR | MC_S, HERE, true), MC_GO_ON);	/* SRAO */
	KTEST_EQ(mc_grade(ERROR | MC_S | MC_OVER, HERE, true), MC_GO_ON);
	KTEST_EQ(mc_grade(SRAR, HERE, true), MC_END_PROGRAM);
	KTEST_EQ(mc_grade(SRAR | MC_OVER, HERE, true), MC_FATAL);
	KTEST_EQ(mc_grade(SRAR & ~MC_EN, HERE, true), MC_GO_ON);
	KTEST_EQ(mc_grade(ERROR | MC_PCC, HERE, true), MC_FATAL);
	KTEST_EQ(mc_grade(MC_VALID | MC_UC | MC_PCC, HERE, true), MC_FATAL);
	/* S and AR mean nothing: whatever is not corrected is needed. */
	KTEST_EQ(mc_grade(ERROR, HERE, false), MC_END_PROGRAM);
	KTEST_EQ(mc_grade(ERROR | MC_OVER, HERE, false), MC_FATAL);
	KTEST_EQ(mc_grade(ERROR | MC_PCC, HERE, false), MC_FATAL);
}

/* SDM vol. 3, 16.9.3.2: RIPV without EIPV says that an SRAR error is another CPU's. */
KTEST(machine_check_of_another_cpu)
{
	KTEST_EQ(mc_grade(SRAR, MCG_RIPV, true), MC_OTHER_CPU);
	KTEST_EQ(mc_grade(SRAR, HERE, true), MC_END_PROGRAM);
	KTEST_EQ(mc_grade(SRAR, MCG_EIPV, true), MC_END_PROGRAM);
	KTEST_EQ(mc_grade(SRAR, 0, true), MC_END_PROGRAM);
	KTEST_EQ(mc_grade(SRAR | MC_OVER, MCG_RIPV, true), MC_FATAL);
	KTEST_EQ(mc_grade(SRAR | MC_PCC, MCG_RIPV, true), MC_FATAL);
	KTEST_EQ(mc_grade(ERROR | MC_S, MCG_RIPV, true), MC_GO_ON);
	KTEST_EQ(mc_grade(ERROR, MCG_RIPV, false), MC_END_PROGRAM);
}
