-- Delivery motor vehicles. van.lua and truck.lua call this with a size and speeds.
--
-- Durations are honest door-to-door averages of urban delivery, junction delay apart from turns included;
-- the route is chosen by weight: duration, plus a dislike of back alleys and of passing through roads that
-- are closed to through traffic (a delivery may end in them, it should not cut across them).

api_version = 4

local Set = require('lib/set')
local Sequence = require('lib/sequence')
require('lib/way_handlers')
local Measure = require('lib/measure')
local Obstacles = require('lib/obstacles')
local find_access_tag = require('lib/access').find_access_tag

local THROUGH_PENALTY_S = 600

-- km/h where no limit is signed
local SPEEDS = {
  motorway = 88, motorway_link = 45,
  trunk = 70, trunk_link = 38,
  primary = 42, primary_link = 28,
  secondary = 36, secondary_link = 25,
  tertiary = 32, tertiary_link = 22,
  unclassified = 27, residential = 23, road = 20, busway = 0,
  living_street = 9, service = 12, track = 10, pedestrian = 0,
}

-- Where a limit is signed, traffic on these keeps to this share of it
local FLOWING = {
  motorway = 0.9, motorway_link = 0.6, trunk = 0.85, trunk_link = 0.6,
  primary = 0.75, primary_link = 0.55, secondary = 0.7, secondary_link = 0.5, tertiary = 0.65,
}

-- Elsewhere a limit only ever slows down
local SLOWING = 0.85

local OPEN_BARRIERS = Set {
  'no', 'entrance', 'toll_booth', 'cattle_grid', 'border_control', 'sally_port', 'arch',
  'height_restrictor', 'kerb', 'speed_bump',
}

local SLOW_BARRIERS_S = { gate = 25, lift_gate = 15, swing_gate = 20, sliding_gate = 20 }

local DISLIKED = { alley = 0.6, driveway = 0.8, parking_aisle = 0.6, ['drive-through'] = 0.5, emergency_access = 0.3 }

local function limited(speed, limit, highway)
  if not limit or limit <= 0 then return speed end
  local share = FLOWING[highway]
  if share then return limit * share end
  return math.min(speed, limit * SLOWING)
end

local function signed_speeds(profile, way, result, data)
  local signed = Measure.get_max_speed(way:get_value_by_key('maxspeed'))
  local forward = Measure.get_max_speed(way:get_value_by_key('maxspeed:forward')) or signed
  local backward = Measure.get_max_speed(way:get_value_by_key('maxspeed:backward')) or signed
  if data.route then return end
  result.forward_speed = math.min(limited(result.forward_speed, forward, data.highway), profile.top_speed)
  result.backward_speed = math.min(limited(result.backward_speed, backward, data.highway), profile.top_speed)
end

local function preferences(profile, way, result, data)
  local liking = DISLIKED[way:get_value_by_key('service') or ''] or 1
  if result.forward_speed > 0 then result.forward_rate = result.forward_speed * liking / 3.6 end
  if result.backward_speed > 0 then result.backward_rate = result.backward_speed * liking / 3.6 end
  if result.duration > 0 then result.weight = result.duration / liking end
end

-- A dataset with LASTMILE_SLOWED=main (or through) has the same ways, and the same preference among them, but takes
-- SLOWED times as long on roads of that class: its seconds less the plain ones tell how long each way is on them.
local SLOWED = 4
local CLASSES = {
  main = Set { 'motorway', 'motorway_link', 'trunk', 'trunk_link', 'primary', 'primary_link' },
  through = Set { 'secondary', 'secondary_link', 'tertiary', 'tertiary_link' },
}
local SLOWED_CLASS = CLASSES[os.getenv('LASTMILE_SLOWED') or ''] or Set {}

local function slowed(profile, way, result, data)
  if data.route or not SLOWED_CLASS[data.highway] then return end
  result.forward_speed, result.backward_speed = result.forward_speed / SLOWED, result.backward_speed / SLOWED
end

local function setup(vehicle)
  return {
    properties = {
      weight_name = 'delivery',
      max_speed_for_map_matching = 140 / 3.6,
      u_turn_penalty = 18,
      continue_straight_at_waypoint = false,
      use_turn_restrictions = true,
      traffic_signal_penalty = 8,
    },
    default_mode = mode.driving,
    default_speed = 12,
    oneway_handling = true,
    turn_seconds = vehicle.turn_seconds,
    crossing_seconds = vehicle.crossing_seconds,
    top_speed = vehicle.top_speed,
    vehicle_height = vehicle.height,
    vehicle_width = vehicle.width,
    vehicle_length = vehicle.length,
    vehicle_weight = vehicle.weight,
    access_tags_hierarchy = vehicle.access_tags,
    restrictions = vehicle.access_tags,
    access_tag_whitelist = Set {
      'yes', 'permissive', 'designated', 'delivery', 'destination', 'customers', 'motorcar', 'motor_vehicle',
      'vehicle', 'goods', 'hgv',
    },
    access_tag_blacklist = Set {
      'no', 'agricultural', 'forestry', 'emergency', 'psv', 'taxi', 'bus', 'foot', 'bicycle', 'military',
      'private', 'delivery', 'destination', 'customers', 'permit', 'residents', 'unknown',
    },
    -- may be entered to deliver, not passed through
    restricted_access_tag_list = Set {
      'private', 'delivery', 'destination', 'customers', 'permit', 'residents', 'unknown',
    },
    restricted_highway_whitelist = Set {
      'primary', 'secondary', 'tertiary', 'unclassified', 'residential', 'living_street', 'service', 'road',
      'track',
    },
    service_access_tag_blacklist = Set {},
    service_tag_forbidden = Set {},
    construction_whitelist = Set { 'no', 'minor', 'widening' },
    avoid = Set { 'area', 'reversible', 'impassable', 'steps', 'construction', 'proposed' },
    classes = Sequence { 'toll', 'motorway', 'ferry', 'restricted', 'tunnel' },
    -- each set makes the contraction a second time: only what is asked for
    excludable = Sequence { Set { 'toll', 'ferry' } },
    speeds = Sequence { highway = SPEEDS },
    route_speeds = { ferry = 6, shuttle_train = 10 },
    bridge_speeds = { movable = 5 },
    surface_speeds = {
      unpaved = 20, gravel = 20, fine_gravel = 25, compacted = 30, ground = 12, dirt = 12, earth = 12,
      grass = 8, sand = 8, mud = 5, cobblestone = 18, sett = 22, unhewn_cobblestone = 12,
    },
    tracktype_speeds = { grade1 = 25, grade2 = 18, grade3 = 12, grade4 = 8, grade5 = 5 },
    smoothness_speeds = { bad = 20, very_bad = 10, horrible = 5, very_horrible = 3, impassable = 0 },
  }
end

local function too_low(profile, node)
  local height = Measure.get_max_height(node:get_value_by_key('maxheight'), node)
  return height ~= nil and height < profile.vehicle_height
end

local function process_node(profile, node, result, relations)
  local barrier = node:get_value_by_key('barrier')
  local access = find_access_tag(node, profile.access_tags_hierarchy)
  local closed
  if access then
    closed = profile.access_tag_blacklist[access] and not profile.restricted_access_tag_list[access]
  elseif barrier then
    local rising = node:get_value_by_key('bollard') == 'rising'
    closed = not (OPEN_BARRIERS[barrier] or SLOW_BARRIERS_S[barrier] or rising)
  end
  if closed or too_low(profile, node) then
    obstacle_map:add(node, Obstacle.new(obstacle_type.barrier))
  elseif SLOW_BARRIERS_S[barrier or ''] then
    obstacle_map:add(node, Obstacle.new(
      obstacle_type.gate, obstacle_direction.both, SLOW_BARRIERS_S[barrier], 0))
  end
  Obstacles.process_node(profile, node)
end

local HANDLERS = Sequence {
  WayHandlers.default_mode, WayHandlers.blocked_ways, WayHandlers.avoid_ways,
  WayHandlers.handle_height, WayHandlers.handle_width, WayHandlers.handle_length, WayHandlers.handle_weight,
  WayHandlers.access, WayHandlers.oneway, WayHandlers.destinations, WayHandlers.ferries,
  WayHandlers.movables, WayHandlers.speed, signed_speeds, WayHandlers.surface, preferences,
  slowed, WayHandlers.classes, WayHandlers.turn_lanes, WayHandlers.classification, WayHandlers.roundabouts,
  WayHandlers.startpoint, WayHandlers.driving_side, WayHandlers.names,
}

local function process_way(profile, way, result, relations)
  local data = {
    highway = way:get_value_by_key('highway'),
    bridge = way:get_value_by_key('bridge'),
    route = way:get_value_by_key('route'),
  }
  if not data.highway and not data.route then return end
  WayHandlers.run(profile, way, result, data, HANDLERS, relations)
end

-- Seconds to slow down, look and speed up again: none straight on, all of them at a hairpin.
local function turning_seconds(profile, turn)
  local sharpness = (1 - math.cos(math.rad(turn.angle))) / 2
  local seconds = profile.turn_seconds * sharpness
  local crosses = turn.is_left_hand_driving and turn.angle > 0 or
                  not turn.is_left_hand_driving and turn.angle < 0
  if crosses and turn.number_of_roads > 2 then
    seconds = seconds + profile.crossing_seconds * sharpness
  end
  return seconds
end

local function process_turn(profile, turn)
  for _, obstacle in pairs(obstacle_map:get(turn.from, turn.via)) do
    local minor = obstacle.type == obstacle_type.stop_minor
    if not minor or Obstacles.entering_by_minor_road(turn) then
      turn.duration = turn.duration + obstacle.duration
    end
  end
  if turn.is_u_turn then
    turn.duration = turn.duration + profile.properties.u_turn_penalty
  elseif turn.number_of_roads > 2 then
    turn.duration = turn.duration + turning_seconds(profile, turn)
  end
  turn.weight = turn.duration
  if turn.target_restricted and not turn.source_restricted then
    turn.weight = turn.weight + THROUGH_PENALTY_S
  end
end

return function(vehicle)
  return {
    setup = function() return setup(vehicle) end,
    process_node = process_node,
    process_way = process_way,
    process_turn = process_turn,
  }
end
