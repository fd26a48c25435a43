#!/usr/bin/env bash
# The system packages that the tests and the sample data need, on a machine where nothing was installed by hand.
set -euo pipefail
command -v apt-get >/dev/null || { echo "No apt here: the data sets that need it are left out."; exit 0; }
need=()
command -v make >/dev/null || need+=(make)
command -v git >/dev/null || need+=(git)
# The reports are looked at in a real browser; Inter is what the screenshots in docs/ are set in.
command -v chromium >/dev/null || need+=(chromium fonts-inter)
# npm fetches the runtime of exported web pages, and what checks the pages' scripts.
command -v npm >/dev/null || need+=(npm)
# Files of other programs, to test what is read.
command -v ffmpeg >/dev/null || need+=(ffmpeg)
[ -x /usr/bin/magick ] || [ -x /usr/bin/convert-im6.q16 ] || need+=(imagemagick)
command -v heif-enc >/dev/null || need+=(libheif-examples)
command -v soffice >/dev/null || need+=(libreoffice-calc-nogui)
[ ${#need[@]} -eq 0 ] || { apt-get -qq update; apt-get -qq install -y "${need[@]}"; }
