// What the channels of an Efento sensor measure: one line for each measurement type.
using Gateway.Protos.Efento;

// A second number that travels in the raw value: value = raw / Factor, and |raw| % Factor is metadata.
sealed record Detail(string Key, int Factor, Func<int, ReadingValue> Meaning);

// Value = raw / Divisor. A binary type has a word for each state instead.
sealed record Measure(
    string Index,
    string? Unit = null,
    int Divisor = 1,
    double Minimum = double.MinValue,
    double Maximum = double.MaxValue,
    Detail? Detail = null,
    (string Active, string Inactive)? States = null);

static readonly Detail Calibration = new("calibration", 3, detail => detail switch { 0 => "required", 1 => "running", _ => "done" });
static readonly Detail AutoCalibration = new("calibration", 3, detail => detail switch { 0 => "none", 1 => "ok", _ => "failed" });
static readonly Detail MajorStatus = new("status", 4, detail => detail);
static readonly Detail MajorChannel = new("major_channel", 6, detail => detail + 1);

// By the number of the measurement type. Units are SenML's where it has one.
static readonly Measure[] Measures =
[
    new("NO_SENSOR"),
    new("TEMPERATURE", "Cel", 10, -273.2, 4000),
    new("HUMIDITY", "%RH", 1, 0, 100),
    new("ATMOSPHERIC_PRESSURE", "hPa", 10, 1, 2000),
    new("DIFFERENTIAL_PRESSURE", "Pa", 1, -10_000, 10_000),
    new("OK_ALARM", States: ("alarm", "ok")),
    new("IAQ", "IAQ", 1, 0, 500, Calibration),
    new("FLOODING", States: ("water_detected", "no_water")),
    new("PULSE_CNT", "pulse", 1, 0, 8_000_000),
    new("ELECTRICITY_METER", "Wh", 1, 0, 8_000_000),
    new("WATER_METER", "l", 1, 0, 8_000_000),
    new("SOIL_MOISTURE", "kPa", 1, -1000, 0),
    new("CO_GAS", "ppm", 1, 0, 1_000_000),
    new("NO2_GAS", "ppm", 1, 0, 1_000_000),
    new("H2S_GAS", "ppm", 100, 0, 80_000),
    new("AMBIENT_LIGHT", "lx", 10, 0, 100_000),
    new("PM_1_0", "ug/m3", 1, 0, 1000),
    new("PM_2_5", "ug/m3", 1, 0, 1000),
    new("PM_10_0", "ug/m3", 1, 0, 1000),
    new("NOISE_LEVEL", "dB", 10, 0, 200),
    new("NH3_GAS", "ppm", 1, 0, 1_000_000),
    new("CH4_GAS", "ppm", 1, 0, 1_000_000),
    new("HIGH_PRESSURE", "kPa", 1, 0, 200_000),
    new("DISTANCE_MM", "mm", 1, 0, 100_000),
    new("WATER_METER_ACC_MINOR", "l", 1, 0, 99, MajorChannel),
    new("WATER_METER_ACC_MAJOR", "hl", 1, 0, 999_999, MajorStatus),
    new("CO2_GAS", "ppm", 1, 0, 1_000_000, AutoCalibration),
    new("HUMIDITY_ACCURATE", "%RH", 10, 0, 100),
    new("STATIC_IAQ", "sIAQ", 1, 0, 10_000, Calibration),
    new("CO2_EQUIVALENT", "ppm", 1, 0, 1_000_000, Calibration),
    new("BREATH_VOC", "ppm", 1, 0, 100_000, Calibration),
    new("SHARED_MODEM"),
    new("PERCENTAGE", "%", 100, 0, 100),
    new("VOLTAGE", "mV", 10, 0, 100_000),
    new("CURRENT", "mA", 100, 0, 10_000),
    new("PULSE_CNT_ACC_MINOR", "pulse", 1, 0, 999, MajorChannel),
    new("PULSE_CNT_ACC_MAJOR", "kpulse", 1, 0, 999_999, MajorStatus),
    new("ELEC_METER_ACC_MINOR", "Wh", 1, 0, 999, MajorChannel),
    new("ELEC_METER_ACC_MAJOR", "kWh", 1, 0, 999_999, MajorStatus),
    new("PULSE_CNT_ACC_WIDE_MINOR", "pulse", 1, 0, 999_999, MajorChannel),
    new("PULSE_CNT_ACC_WIDE_MAJOR", "Mpulse", 1, 0, 999_999, MajorStatus),
    new("CURRENT_PRECISE", "mA", 1000, -4000, 4000),
    new("OUTPUT_CONTROL", States: ("on", "off")),
    new("RESISTANCE", "Ohm", 1, 0, 1_000_000),
];

// By the type of the minor channel: what one unit of its major is worth in its own unit.
static readonly Dictionary<MeasurementType, (MeasurementType Major, long Weight, string Index)> Totals = new()
{
    [MeasurementType.WaterMeterAccMinor] = (MeasurementType.WaterMeterAccMajor, 100, "WATER_METER_ACC_TOTAL"),
    [MeasurementType.PulseCntAccMinor] = (MeasurementType.PulseCntAccMajor, 1000, "PULSE_CNT_ACC_TOTAL"),
    [MeasurementType.ElecMeterAccMinor] = (MeasurementType.ElecMeterAccMajor, 1000, "ELEC_METER_ACC_TOTAL"),
    [MeasurementType.PulseCntAccWideMinor] = (MeasurementType.PulseCntAccWideMajor, 1_000_000, "PULSE_CNT_ACC_WIDE_TOTAL"),
};

// A sensor may be newer than this script: what it measures is then kept as the raw number.
static Measure MeasureOf(MeasurementType type) =>
    (int)type >= 0 && (int)type < Measures.Length ? Measures[(int)type] : new Measure($"UNKNOWN_{(int)type}");
