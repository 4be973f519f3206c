#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# feed.sh LOG: standard input for the guest's terminal.  Waits until the kernel listens (its first
# line is in LOG), passes the input on, and then says Ctrl-D again and again: that is how a
# terminal says end-of-file, and how a read at end-of-file goes on saying it.
log=$1

until [ -s "$log" ]; do sleep 0.02; done
cat <&0 &
trap 'kill $! 2>/dev/null; exit' TERM
wait $!
while printf '\004'; do sleep 0.2; done 2>/dev/null
