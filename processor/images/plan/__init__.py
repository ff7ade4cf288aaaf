"""Planning: the region, size and order of renditions. Changes no pixels."""
