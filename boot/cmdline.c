/* SPDX-License-Identifier: MIT */
/*
 * The kernel command line.  Neither GRUB's multiboot2 nor QEMU's -append puts the kernel's
 * own path in front, so every word up to "--" is an option.  Pure C, also tested on the host.
 */
#include "boot/cmdline.h"
#include "kernel/lib/string.h"

struct boot_options boot_options;

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Cuts the next word off *at; NULL at the end of the line. */
static char *next_word(char **at)
{
	char *word = *at, *end;

	while (is_blank(*word))
		word++;
	if (!*word)
		return NULL;
	for (end = word; *end && !is_blank(*end); end++)
		;
	if (*end)
		*end++ = '\0';
	*at = end;
	return word;
}

/* What stands behind "name="; NULL if word is something else. */
static const char *value_of(const char *word, const char *name)
{
	size_t n = strlen(name);

	return strncmp(word, name, n) == 0 && word[n] == '=' ? word + n + 1 : NULL;
}

static bool parse_count(const char *s, unsigned *out)
{
	unsigned value = 0;

	if (!*s)
		return false;
	for (; *s; s++) {
		if (*s < '0' || *s > '9' || value > 100000)
			return false;
		value = value * 10 + (*s - '0');
	}
	*out = value;
	return true;
}

/* kernel/cpu/vsyscall.c gives them their meaning. */
static bool is_vsyscall(const char *s)
{
	return !strcmp(s, "sysenter") || !strcmp(s, "syscall") || !strcmp(s, "int80") ||
	       !strcmp(s, "none");
}

static bool parse_value(struct boot_options *o, const char *word)
{
	const char *value;

	if ((value = value_of(word, "maxcpus")))
		return parse_count(value, &o->max_cpus) && o->max_cpus > 0;
	if ((value = value_of(word, "nmistorm"))) {
		o->nmi_count = true;
		return parse_count(value, &o->nmi_storm_hz) && o->nmi_storm_hz >= 20 &&
		       o->nmi_storm_hz <= 100000;	/* the PIT counts from 2 to 65536 */
	}
	if ((value = value_of(word, "init"))) {
		o->init = value;
		return *value == '/';
	}
	if ((value = value_of(word, "ktest"))) {
		if (o->ktest)		/* the other would not run, unnoticed */
			return false;
		o->ktest = value;
		return *value != '\0';
	}
	if ((value = value_of(word, "vsyscall"))) {
		o->vsyscall = value;
		return is_vsyscall(value);
	}
	return false;
}

static bool parse_word(struct boot_options *o, const char *word)
{
	if (!strcmp(word, "nofsgsbase"))
		o->nofsgsbase = true;
	else if (!strcmp(word, "nmi=early"))
		o->nmi_early = true;
	else if (!strcmp(word, "nmi=count"))
		o->nmi_count = true;
	else if (!strcmp(word, "quiet"))
		o->quiet = true;
	else if (!strcmp(word, "verbose"))
		o->verbose = true;
	else if (!strcmp(word, "stay"))
		o->stay = true;
	else if (!strcmp(word, "console=raw"))
		o->tty_raw = true;
	else if (!strcmp(word, "log=com2"))
		o->log_com2 = true;
	else
		return parse_value(o, word);
	return true;
}

const char *cmdline_parse(struct boot_options *out, char *line)
{
	const char *word;

	*out = (struct boot_options){ .init = "/sbin/init", .init_args = "" };
	while ((word = next_word(&line))) {
		if (!strcmp(word, "--")) {
			while (is_blank(*line))
				line++;
			out->init_args = line;
			return out->ktest && *line ? line : NULL;	/* there will be no init */
		}
		if (!parse_word(out, word))
			return word;
	}
	return NULL;
}
