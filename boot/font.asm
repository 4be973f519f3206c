; SPDX-License-Identifier: MIT
;
; The console's glyphs (boot/screen.h), out of a PSF1 font: four bytes of header, which the Makefile
; has checked, then 16 rows for each glyph.  Those of ASCII, 32 to 126, stand at their own codes.

FONT_HEADER equ 4
FONT_GLYPHS equ 128
FONT_HEIGHT equ 16

section .rodata
global console_font
console_font:
	incbin "font.psf", FONT_HEADER, FONT_GLYPHS * FONT_HEIGHT
