# SPDX-License-Identifier: MIT
"""What the tests share: building, machines, reports."""
