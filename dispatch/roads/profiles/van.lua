-- A delivery van of 3.5 t, the common long-wheelbase, high-roof kind.

api_version = 4

local motor = require('motor')

return motor {
  height = 2.7, -- metres
  width = 2.1,
  length = 6.0,
  weight = 3500, -- kilograms
  top_speed = 120, -- km/h
  turn_seconds = 7,
  crossing_seconds = 4,
  access_tags = { 'motorcar', 'motor_vehicle', 'vehicle', 'access' },
}
