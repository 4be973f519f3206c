/* SPDX-License-Identifier: MIT */
/* Scan codes to characters: boot/keyboard.h. */
#include "boot/keyboard.h"
#include "tests/host/test.h"

static char typed[64];

/* Bytes of scan code set 1, as text of hexadecimal numbers. */
static const char *keys(const char *codes)
{
	size_t n = 0;
	int used;
	unsigned code;

	for (; sscanf(codes, "%x%n", &code, &used) == 1; codes += used) {
		char out[KEY_BYTES];
		unsigned got = keyboard_decode((uint8_t)code, out);

		CHECK(got <= KEY_BYTES);
		memcpy(typed + n, out, got);
		n += got;
	}
	typed[n] = '\0';
	return typed;
}

TEST(letters_digits_and_enter)
{
	CHECK_STR(keys("1e 9e 30 b0 02 82 39 b9 35 b5 0e 8e 1c 9c"), "ab1 /\177\r");
}

TEST(shift_caps_lock_and_ctrl)
{
	CHECK_STR(keys("2a 1e 9e 03 83 aa 1e 9e"), "A@a");
	CHECK_STR(keys("3a ba 1e 9e 02 82 2a 1e 9e aa 3a ba 1e"), "A1aa");
	CHECK_STR(keys("1d 2e ae 9d 2e"), "\003c");
	CHECK_STR(keys("3a 3a 3a 3a ba 1e 9e 3a 3a ba 1e"), "Aa");	/* held: it repeats */
}

TEST(arrows_and_the_keypad)
{
	CHECK_STR(keys("e0 48 e0 c8 e0 4b e0 cb"), "\033[A\033[D");
	CHECK_STR(keys("e0 2a e0 50 e0 d0 e0 aa 1e"), "\033[Ba");
	CHECK_STR(keys("e0 1c e0 35"), "\r/");
}

/* Every byte in every state: nothing outside of the tables. */
TEST(any_bytes)
{
	char out[KEY_BYTES];
	unsigned seed = 1;

	for (unsigned i = 0; i < 100000; i++) {
		seed = seed * 1103515245 + 12345;
		CHECK(keyboard_decode((uint8_t)(seed >> 16), out) <= KEY_BYTES);
	}
	for (unsigned i = 0; i < 4; i++)	/* everything released again */
		keys("aa b6 9d ba");
}
