"""Cutting without re-encoding more than the edges: the prize and the risk of this room.

A clip begins on any frame, but a decoder can only begin on an IDR picture. So the frames from the cut to the
next IDR are encoded again, the packets from there on are copied untouched, and the last frames, where the
packets' order no longer ends cleanly, are encoded again. Both encodings stand in one track: the avcC record
carries the parameter sets of both under different ids. What comes out is checked, and thrown away in favour
of a re-encode where the check finds a fault.
"""
