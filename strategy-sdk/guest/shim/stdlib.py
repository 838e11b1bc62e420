"""The standard library that strategies have: what is imported here, when the runtime is built.

At run time there is no file to import from. The list is part of the public contract (`strategy-sdk/README.md`). Modules
that load others late (codecs, `strptime`, the "Did you mean" of error messages) bring those along here.
"""

from __future__ import annotations

import importlib

PUBLIC = """
    __future__ abc annotationlib array ast asyncio base64 binascii bisect calendar cmath codecs collections
    collections.abc colorsys configparser contextlib contextvars copy csv dataclasses datetime decimal difflib email
    email.message email.mime.text email.parser email.policy email.utils enum fnmatch fractions functools gc graphlib
    gzip hashlib heapq hmac html html.entities html.parser inspect io ipaddress itertools json keyword linecache locale
    logging marshal math numbers operator os os.path pathlib pickle pprint queue quopri random re reprlib secrets
    shlex statistics string string.templatelib struct sys textwrap threading time timeit token tokenize tomllib
    traceback types typing unicodedata urllib urllib.error urllib.parse uuid warnings weakref
    xml.etree.ElementTree zlib zoneinfo
""".split()

LATE = """
    _ast_unparse _colorize _pylong _strptime _suggestions concurrent.futures email.generator importlib.resources signal
    stringprep
""".split()

CODECS = """
    ascii big5 charmap cp037 cp874 cp932 cp949 cp950 cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 cp437 cp850 cp852 cp866 euc_jp
    euc_kr gb18030 gb2312 gbk idna iso2022_jp iso2022_kr iso8859_1 iso8859_2 iso8859_3 iso8859_4 iso8859_5 iso8859_6
    iso8859_7 iso8859_8 iso8859_9 iso8859_10 iso8859_11 iso8859_13 iso8859_14 iso8859_15 iso8859_16 koi8_r koi8_u latin_1
    mac_cyrillic mac_roman punycode raw_unicode_escape rot_13 shift_jis tis_620 unicode_escape utf_16 utf_16_be utf_16_le utf_32
    utf_32_be utf_32_le utf_7 utf_8 utf_8_sig base64_codec hex_codec quopri_codec zlib_codec
""".split()


def install() -> None:
    """Imports all of it."""
    for name in (*PUBLIC, *LATE):
        importlib.import_module(name)
    for name in CODECS:
        importlib.import_module(f"encodings.{name}")
