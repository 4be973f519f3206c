/* SPDX-License-Identifier: MIT */
/*
 * icnt.c - QEMU TCG plugin that counts guest instructions exactly.
 *
 *	qemu-system-x86_64 -plugin ./icnt.so,out=FILE[,first=NAME:LO:HI]...[,text=LO:HI]
 *
 * Each executed instruction adds one to a counter (an iteration of a REP
 * string instruction counts as one, as it does for -icount).  The plugin
 * writes a line to FILE
 *
 *   first NAME pc COUNT  when the first instruction in LO..HI is about to run
 *   mark ID COUNT KERNEL when the program executes a marker NOP (sys.h: MARK)
 *   pc ADDRESS COUNT     at exit, for each instruction in LO..HI of "text" that was executed
 *   total COUNT KERNEL   at exit
 *
 * KERNEL is the part executed at addresses in the upper half (bit 63).
 *
 * The declarations below are the part of the plugin interface, version 1,
 * that is used here; Debian ships no header for it.
 */
#include <stdint.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef void (*udata_cb)(unsigned int vcpu, void *userdata);

extern void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
	void (*cb)(qemu_plugin_id_t, struct qemu_plugin_tb *));
extern void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
	udata_cb cb, int flags, void *userdata);
extern void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn,
	int op, void *ptr, uint64_t imm);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb,
	size_t idx);
extern const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
extern size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
extern uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
extern void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id,
	void (*cb)(qemu_plugin_id_t, void *), void *userdata);

#define EXPORT __attribute__((visibility("default")))
EXPORT int qemu_plugin_version = 1;

enum { NO_REGS = 0, INLINE_ADD_U64 = 0 };

#define MARK_MAGIC 0x4d4b0000u

struct range {
	char name[32];
	uint64_t lo, hi;
	bool seen;
};

static struct range ranges[16];
static unsigned n_ranges;
static uint64_t count, upper;
static FILE *out;

static uint64_t text_lo, text_hi, *text_counts;		/* one for each address */

static void on_mark(unsigned int vcpu, void *id)
{
	(void)vcpu;
	fprintf(out, "mark %u %llu %llu\n", (unsigned)(uintptr_t)id,
		(unsigned long long)count, (unsigned long long)upper);
	fflush(out);
}

static void on_first(unsigned int vcpu, void *p)
{
	struct range *r = p;

	(void)vcpu;
	if (r->seen)
		return;
	r->seen = true;
	fprintf(out, "first %s %llu %llu\n", r->name,
		(unsigned long long)count, (unsigned long long)upper);
	fflush(out);
}

static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb);

	(void)id;
	for (size_t i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		const uint8_t *b = qemu_plugin_insn_data(insn);
		uint64_t pc = qemu_plugin_insn_vaddr(insn);

		for (unsigned k = 0; k < n_ranges; k++)
			if (!ranges[k].seen && pc >= ranges[k].lo && pc <= ranges[k].hi)
				qemu_plugin_register_vcpu_insn_exec_cb(insn, on_first, NO_REGS,
								       &ranges[k]);
		if (qemu_plugin_insn_size(insn) == 7 && b[0] == 0x0f && b[1] == 0x1f &&
		    b[2] == 0x80 && b[5] == 0x4b && b[6] == 0x4d)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_mark, NO_REGS,
				(void *)(uintptr_t)(b[3] | b[4] << 8));
		qemu_plugin_register_vcpu_insn_exec_inline(insn, INLINE_ADD_U64, &count, 1);
		if (pc >= text_lo && pc < text_hi)
			qemu_plugin_register_vcpu_insn_exec_inline(insn, INLINE_ADD_U64,
				&text_counts[pc - text_lo], 1);
		if (pc >> 63)
			qemu_plugin_register_vcpu_insn_exec_inline(insn, INLINE_ADD_U64, &upper, 1);
	}
}

static void on_exit_(qemu_plugin_id_t id, void *p)
{
	(void)id, (void)p;
	for (uint64_t pc = text_lo; pc < text_hi; pc++)
		if (text_counts[pc - text_lo])
			fprintf(out, "pc %llx %llu\n", (unsigned long long)pc,
				(unsigned long long)text_counts[pc - text_lo]);
	fprintf(out, "total %llu %llu\n", (unsigned long long)count, (unsigned long long)upper);
	fclose(out);
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
	(void)info;
	out = stderr;
	for (int i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "out=", 4)) {
			out = fopen(argv[i] + 4, "w");
			if (!out)
				return -1;
		} else if (!strncmp(argv[i], "first=", 6) && n_ranges < 16) {
			struct range *r = &ranges[n_ranges];
			unsigned long long lo, hi;

			if (sscanf(argv[i] + 6, "%31[^:]:%llx:%llx", r->name, &lo, &hi) != 3)
				return -1;
			r->lo = lo;
			r->hi = hi;
			n_ranges++;
		} else if (!strncmp(argv[i], "text=", 5)) {
			unsigned long long lo, hi;

			if (sscanf(argv[i] + 5, "%llx:%llx", &lo, &hi) != 2 || lo >= hi)
				return -1;
			text_counts = calloc(hi - lo, sizeof(*text_counts));
			if (!text_counts)
				return -1;
			text_lo = lo;
			text_hi = hi;
		}
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
	qemu_plugin_register_atexit_cb(id, on_exit_, NULL);
	return 0;
}
