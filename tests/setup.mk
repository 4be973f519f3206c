# SPDX-License-Identifier: MIT
#
# "make setup run" on a bare machine: the tools are installed first, and then a make of its own,
# which sees them, does each of the other goals, in the order they were given.

GOALS := $(filter-out setup,$(MAKECMDGOALS))

.PHONY: $(MAKECMDGOALS)
$(GOALS): install
	@$(if $(filter $@,$(lastword $(GOALS))),set -e; for goal in $(GOALS); do \
		$(MAKE) -j$$(nproc) --no-print-directory $$goal; done)

.PHONY: install
install:
	@tests/tools/doctor.sh --install

setup: install
	@:
