#!lua flags=allow-oom
-- The tick of a Redis whose memory is used up. It admits nobody, so it adds no more than the buyers in line need. Presence is
-- judged, the schedule acts, and slots past their deadline are found as at any other time. Keys, arguments and reply are those
-- of admit.lua; the last argument is 'nobody'.
--- @include "./admit.lua"
