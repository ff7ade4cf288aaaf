"""Code points of color in the sequence header of AV1.

Source: AV1 Bitstream & Decoding Process Specification, sections 5.3 to 5.5.
"""

SEQUENCE_HEADER = 1
"""``obu_type``."""

MAX_HEADER = 1000
"""Bytes of a sequence header that are read; few have more than 20."""


def code_points(data: bytes) -> tuple[int, int] | None:
    """Return ``color_primaries`` and ``transfer_characteristics``; None if they are not stored.

    ``data`` starts with OBUs. The first or second is the sequence header.
    """
    place = 0
    for _ in range(2):
        header = int.from_bytes(data[place : place + 1])
        place += 2 if header & 4 else 1
        size, place = _leb128(data, place) if header & 2 else (len(data) - place, place)
        if header >> 3 & 15 == SEQUENCE_HEADER:
            return _color(_Bits(data[place : place + min(size, MAX_HEADER)]))
        place += size
    return None


def _leb128(data: bytes, place: int) -> tuple[int, int]:
    """Return a number of up to 8 bytes (4.10.5), and the offset after it."""
    number = 0
    for shift in range(0, 56, 7):
        byte = int.from_bytes(data[place : place + 1])
        place += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
    return number, place


class _Bits:
    """Reads bits; 0 after the end."""

    def __init__(self, data: bytes) -> None:
        self._number, self._left = int.from_bytes(data), 8 * len(data)

    def read(self, count: int = 1) -> int:
        self._left -= count
        if self._left < 0:
            return 0
        return self._number >> self._left & (1 << count) - 1

    def skip_uvlc(self) -> None:
        """Pass over a number of variable length (4.10.3)."""
        zeros = 0
        while self._left > 0 and not self.read():
            zeros += 1
        self.read(zeros)


def _color(bits: _Bits) -> tuple[int, int] | None:
    profile = bits.read(3)
    bits.read()  # still_picture
    is_reduced = bits.read()  # reduced_still_picture_header
    if is_reduced:
        bits.read(5)  # seq_level_idx
    else:
        _skip_operating_points(bits)
    width, height = bits.read(4), bits.read(4)
    bits.read(width + 1 + height + 1)
    if not is_reduced and bits.read():  # frame_id_numbers_present_flag
        bits.read(4 + 3)
    bits.read(3)  # use_128x128_superblock, enable_filter_intra, enable_intra_edge_filter
    if not is_reduced:
        _skip_tools(bits)
    bits.read(3)  # enable_superres, enable_cdef, enable_restoration
    # color_config (5.5.2)
    if bits.read() and profile == 2:  # high_bitdepth
        bits.read()  # twelve_bit
    if profile != 1:
        bits.read()  # mono_chrome
    return (bits.read(8), bits.read(8)) if bits.read() else None


def _skip_operating_points(bits: _Bits) -> None:
    """Pass over what is timed (5.5.1, 5.5.3 and 5.5.4)."""
    delay_bits = 0
    has_model = False
    if bits.read():  # timing_info_present_flag
        bits.read(64)
        if bits.read():  # equal_picture_interval
            bits.skip_uvlc()
        if has_model := bool(bits.read()):  # decoder_model_info_present_flag
            delay_bits = bits.read(5) + 1
            bits.read(32 + 5 + 5)
    has_delay = bits.read()  # initial_display_delay_present_flag
    for _ in range(bits.read(5) + 1):
        bits.read(12)  # operating_point_idc
        if bits.read(5) > 7:  # seq_level_idx
            bits.read()  # seq_tier
        if has_model and bits.read():  # decoder_model_present_for_this_op
            bits.read(2 * delay_bits + 1)
        if has_delay and bits.read():  # initial_display_delay_present_for_this_op
            bits.read(4)


def _skip_tools(bits: _Bits) -> None:
    bits.read(4)  # enable_interintra_compound to enable_dual_filter
    has_order = bits.read()  # enable_order_hint
    if has_order:
        bits.read(2)  # enable_jnt_comp, enable_ref_frame_mvs
    # seq_choose_screen_content_tools, or seq_force_screen_content_tools
    has_tools = bits.read() or bits.read()
    if has_tools and not bits.read():  # seq_choose_integer_mv
        bits.read()  # seq_force_integer_mv
    if has_order:
        bits.read(3)  # order_hint_bits_minus_1
