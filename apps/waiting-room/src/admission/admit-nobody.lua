#!lua flags=allow-oom
-- The tick for a Redis whose memory is full. It admits nobody, so it adds no data beyond what waiting buyers need.
-- Presence is judged, the schedule acts, and slots past their deadline are found as in any tick. Keys, arguments and
-- reply are those of admit.lua; the last argument is 'nobody'.
--- @include "./admit.lua"
