namespace Gateway.Bench;

/// <summary>The Efento script compiled into this program; its functions are generated from scripts/efento.csx by the build.</summary>
internal sealed partial class EfentoInHost
{
    /// <summary>The script's <c>parse</c>.</summary>
    public List<Reading> Parse(ReadOnlySpan<byte> payload, DeviceConfig config, UplinkRequest request) => parse(payload, config, request);
}
