# SPDX-License-Identifier: MIT
#
# make lab N, make hunt N, make grade N, make lab-refresh N; make handout

.PHONY: lab hunt grade lab-refresh handout

# The number behind such a word is no target.
ifneq ($(filter lab hunt grade lab-refresh,$(firstword $(MAKECMDGOALS))),)
LAB := $(word 2,$(MAKECMDGOALS))
ifneq ($(LAB),)
.PHONY: $(LAB)
$(LAB): ; @:
endif
endif

lab: $(KERNEL) $(KERNEL)-gdb.py $(ISO) ## make lab N: begin a lab of the course (labs/README.md)
	$(Q)$(PYTHON) labs/begin.py lab $(LAB)

hunt: $(KERNEL) $(INITRAMFS) ## make hunt N: the lab's bug hunt, in a copy of the sources
	$(Q)$(PYTHON) labs/begin.py hunt $(LAB)

grade: $(KERNEL) ## make grade N: points and hints, also in build/lab-N/grade.json
	$(Q)$(PYTHON) labs/grade.py $(LAB)

lab-refresh: $(KERNEL) $(KERNEL)-gdb.py $(ISO) ## make lab-refresh N: what gdb prints today
	$(Q)$(PYTHON) labs/session.py $(LAB)

# Of the commit, not of the folder: nobody's half-written files.
handout: ## build/paranoid-handout.tar.gz: the tree without the labs' solutions
	$(Q)mkdir -p $(BUILD)
	$(Q)git archive --format=tar.gz --prefix=paranoid/ \
		-o $(BUILD)/paranoid-handout.tar.gz HEAD -- . \
		':(exclude,glob)labs/*/solution/**' ':(exclude)tests/test_labs.py'
	@echo $(BUILD)/paranoid-handout.tar.gz
