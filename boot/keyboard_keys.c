/* SPDX-License-Identifier: MIT */
/* Scan code set 1, which the controller translates to (IBM PS/2 manual); pure C. */
#include "boot/keyboard.h"
#include "kernel/lib/string.h"

#define RELEASED   0x80
#define EXTENDED   0xe0
#define CTRL	   0x1d
#define LEFT_SHIFT 0x2a
#define RIGHT_SHIFT 0x36
#define CAPS_LOCK  0x3a
#define UP	   0x48		/* the next four behind EXTENDED */
#define DOWN	   0x50
#define LEFT	   0x4b
#define RIGHT	   0x4d
#define KEYPAD_ENTER 0x1c
#define KEYPAD_SLASH 0x35

static const char plain[] =
	"\0\0331234567890-=\177\tqwertyuiop[]\r\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 ";
static const char shifted[] =
	"\0\033!@#$%^&*()_+\177\tQWERTYUIOP{}\r\0ASDFGHJKL:\"~\0|ZXCVBNM<>?\0*\0 ";

static bool shift, ctrl, caps_lock, caps_held, extended;

static bool is_letter(char c)
{
	return c >= 'a' && c <= 'z';
}

static unsigned arrow(uint8_t key, char out[KEY_BYTES])
{
	static const struct {
		uint8_t key;
		char end;
	} arrows[] = { { UP, 'A' }, { DOWN, 'B' }, { RIGHT, 'C' }, { LEFT, 'D' } };

	for (unsigned i = 0; i < ARRAY_SIZE(arrows); i++)
		if (arrows[i].key == key) {
			out[0] = '\033';
			out[1] = '[';
			out[2] = arrows[i].end;
			return 3;
		}
	return 0;
}

static char character(uint8_t key)
{
	char c = key < sizeof(plain) ? plain[key] : '\0';

	if (ctrl)
		return c >= '@' ? c & 0x1f : c;
	if (shift != (caps_lock && is_letter(c)))
		return key < sizeof(shifted) ? shifted[key] : '\0';
	return c;
}

/* True if the key only changes what others mean. */
static bool modifier(uint8_t key, bool pressed)
{
	if (key == CTRL) {
		ctrl = pressed;
	} else if (key == LEFT_SHIFT || key == RIGHT_SHIFT) {
		shift = pressed;
	} else if (key == CAPS_LOCK) {
		caps_lock ^= pressed && !caps_held;	/* a key that is held repeats */
		caps_held = pressed;
	} else {
		return false;
	}
	return true;
}

unsigned keyboard_decode(uint8_t code, char out[KEY_BYTES])
{
	bool was_extended = extended, pressed = !(code & RELEASED);
	uint8_t key = code & ~RELEASED;

	extended = code == EXTENDED;
	if (extended)
		return 0;
	/* Behind EXTENDED the shift codes are no keys: some keyboards put them around arrows. */
	if (was_extended && (key == LEFT_SHIFT || key == RIGHT_SHIFT))
		return 0;
	if (modifier(key, pressed) || !pressed)
		return 0;
	if (was_extended && key != KEYPAD_ENTER && key != KEYPAD_SLASH)
		return arrow(key, out);
	out[0] = character(key);
	return out[0] != '\0';
}
