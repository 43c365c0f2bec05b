using Gateway.Protos.Efento;

namespace Gateway.Cli;

/// <summary>What one channel of a simulated Efento sensor measures.</summary>
/// <param name="Type">The measurement type.</param>
/// <param name="Index">The index of its readings.</param>
internal sealed record EfentoQuantity(MeasurementType Type, string Index)
{
    /// <summary>The next raw number; null for a binary channel.</summary>
    public Func<Random, long, int>? Next { get; init; }

    /// <summary>A raw number's value.</summary>
    public Func<int, double> ValueOf { get; init; } = raw => raw;

    /// <summary>Whether it is an output, which changes when it is switched.</summary>
    public bool IsOutput { get; init; }

    /// <summary>Of a minor channel: its major's place, what a unit of that is worth, and the index of their sum.</summary>
    public (int Major, int Weight, string Index)? Total { get; init; }

    public bool IsBinary => Next is null;

    /// <summary>The sensors that a fleet consists of, by turns: indoor climate, air, flooding, water meter, outputs.</summary>
    public static IReadOnlyList<EfentoQuantity> OfSensor(int number) => (number % 5) switch
    {
        0 => [Temperature(), Scaled(MeasurementType.Humidity, "HUMIDITY", 1, 20, 90)],
        1 => [Temperature(), Scaled(MeasurementType.HumidityAccurate, "HUMIDITY_ACCURATE", 10, 20, 90), Scaled(MeasurementType.AtmosphericPressure, "ATMOSPHERIC_PRESSURE", 10, 960, 1040), CarbonDioxide()],
        2 => [new(MeasurementType.Flooding, "FLOODING"), Temperature()],
        3 => WaterMeter(),
        _ => [new(MeasurementType.OutputControl, "OUTPUT_CONTROL") { IsOutput = true }, new(MeasurementType.OkAlarm, "OK_ALARM")],
    };

    // One sample in two hundred fails.
    private static EfentoQuantity Temperature() => new(MeasurementType.Temperature, "TEMPERATURE")
    {
        Next = (chance, second) => chance.Next(200) == 0 ? EfentoChannels.FailedTemperature : (int)(150 * Math.Sin(second / 7000.0)) + chance.Next(-20, 21),
        ValueOf = raw => raw / 10.0,
    };

    private static EfentoQuantity Scaled(MeasurementType type, string index, int divisor, int least, int most) => new(type, index)
    {
        Next = (chance, _) => chance.Next(least * divisor, (most * divisor) + 1),
        ValueOf = raw => raw / (double)divisor,
    };

    // The raw number carries the state of the calibration.
    private static EfentoQuantity CarbonDioxide() => new(MeasurementType.Co2Gas, "CO2_GAS")
    {
        Next = (chance, _) => (chance.Next(400, 2000) * 3) + 1,
        ValueOf = raw => raw / 3,
    };

    // The major channel, in hundreds of litres, stands first: the minor names it, and counts the litres.
    private static EfentoQuantity[] WaterMeter()
    {
        const int Major = 0;
        var litres = 0;
        return
        [
            new(MeasurementType.WaterMeterAccMajor, "WATER_METER_ACC_MAJOR")
            {
                Next = (chance, _) => ((litres += chance.Next(30)) / 100) * 4,
                ValueOf = raw => raw / 4,
            },
            new(MeasurementType.WaterMeterAccMinor, "WATER_METER_ACC_MINOR")
            {
                Next = (_, _) => (litres % 100 * 6) + Major,
                ValueOf = raw => raw / 6,
                Total = (Major, 100, "WATER_METER_ACC_TOTAL"),
            },
        ];
    }
}
