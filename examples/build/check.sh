#!/bin/sh
# SPDX-License-Identifier: MIT
[ "$(./app 27 97)" = "27: 111 steps
97: 118 steps" ]
