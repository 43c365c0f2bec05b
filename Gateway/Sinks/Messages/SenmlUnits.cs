using System.Collections.Frozen;

namespace Gateway.Sinks;

/// <summary>
/// The units of SenML's registry. RFC 8798 §3: a secondary unit is not used in "u"; its value is brought to the primary unit that it is
/// derived from, <c>primary = secondary · scale + offset</c>.
/// </summary>
internal static class SenmlUnits
{
    // RFC 8428 §12.1 and RFC 8798 §2.
    private static readonly FrozenSet<string> Primary = FrozenSet.ToFrozenSet(
    [
        "m", "kg", "g", "s", "A", "K", "cd", "mol", "Hz", "rad", "sr", "N", "Pa", "J", "W", "C", "V", "F", "Ohm", "S", "Wb", "T", "H", "Cel",
        "lm", "lx", "Bq", "Gy", "Sv", "kat", "m2", "m3", "l", "m/s", "m/s2", "m3/s", "l/s", "W/m2", "cd/m2", "bit", "bit/s", "lat", "lon", "pH",
        "dB", "dBW", "Bspl", "count", "/", "%", "%RH", "%EL", "EL", "1/s", "1/min", "beat/min", "beats", "S/m",
        "B", "VA", "VAs", "var", "vars", "J/m", "kg/m3", "deg",
    ]);

    // RFC 8798 §3, table 2. The scale is a fraction, so that 36 km/h are 10 m/s and no neighbour of it.
    private static readonly FrozenDictionary<string, SenmlUnit> Secondary = new Dictionary<string, SenmlUnit>
    {
        ["ms"] = new("s", 1, 1000),
        ["min"] = new("s", 60),
        ["h"] = new("s", 3600),
        ["MHz"] = new("Hz", 1_000_000),
        ["kW"] = new("W", 1000),
        ["kVA"] = new("VA", 1000),
        ["kvar"] = new("var", 1000),
        ["Ah"] = new("C", 3600),
        ["Wh"] = new("J", 3600),
        ["kWh"] = new("J", 3_600_000),
        ["varh"] = new("vars", 3600),
        ["kvarh"] = new("vars", 3_600_000),
        ["kVAh"] = new("VAs", 3_600_000),
        ["Wh/km"] = new("J/m", 36, 10),
        ["KiB"] = new("B", 1024),
        ["GB"] = new("B", 1_000_000_000),
        ["Mbit/s"] = new("bit/s", 1_000_000),
        ["B/s"] = new("bit/s", 8),
        ["MB/s"] = new("bit/s", 8_000_000),
        ["mV"] = new("V", 1, 1000),
        ["mA"] = new("A", 1, 1000),
        ["dBm"] = new("dBW", 1, 1, -30),
        ["ug/m3"] = new("kg/m3", 1, 1_000_000_000),
        ["mm/h"] = new("m/s", 1, 3_600_000),
        ["m/h"] = new("m/s", 1, 3600),
        ["ppm"] = new("/", 1, 1_000_000),
        ["/100"] = new("/", 1, 100),
        ["/1000"] = new("/", 1, 1000),
        ["hPa"] = new("Pa", 100),
        ["mm"] = new("m", 1, 1000),
        ["cm"] = new("m", 1, 100),
        ["km"] = new("m", 1000),
        ["km/h"] = new("m/s", 10, 36),
    }.ToFrozenDictionary();

    /// <summary>The registered unit that stands for this one; null when the registry has none.</summary>
    public static SenmlUnit? Find(string unit) =>
        Primary.Contains(unit) ? new SenmlUnit(unit) : Secondary.GetValueOrDefault(unit);
}

/// <summary>A primary unit, and how values come to it.</summary>
internal sealed record SenmlUnit(string Name, long Numerator = 1, long Denominator = 1, int Offset = 0)
{
    public bool IsAsIs => Numerator == Denominator && Offset == 0;

    public decimal Convert(decimal value) => (value * Numerator / Denominator) + Offset;

    public double Convert(double value) => (value * Numerator / Denominator) + Offset;
}
