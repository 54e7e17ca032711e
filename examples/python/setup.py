# SPDX-License-Identifier: MIT
"""Find libunexec, which pyproject.toml cannot do."""
import os
import subprocess

from setuptools import Extension, setup


def pkg_config(option):
    command = [os.environ.get("PKG_CONFIG", "pkg-config"), option, "libunexec"]
    return subprocess.check_output(command, text=True).split()


setup(
    license="MIT",
    packages=["unexec"],
    package_dir={"": "src"},
    package_data={"unexec": ["py.typed", "_unexec.pyi"]},
    include_package_data=False,
    ext_modules=[
        Extension("unexec._unexec", ["src/unexec/_unexec.c"],
                  extra_compile_args=pkg_config("--cflags"),
                  extra_link_args=pkg_config("--libs")),
    ],
)
