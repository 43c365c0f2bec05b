using Gateway.Journal;

namespace Gateway.Bench;

/// <summary>What a sensor sends, and what goes with it.</summary>
internal static class Frames
{
    /// <summary>An Efento measurement of six temperatures, which gives six readings.</summary>
    public static readonly byte[] Efento = Convert.FromHexString(
        "0a06282c024000001001183c2213080110f0a8c4d50620ae032a062935080e04312880f7c4d5063001400548f8acd1910182011061626364656630313233343536373839");

    /// <summary>The same with so many temperatures.</summary>
    public static byte[] EfentoOf(int readings)
    {
        var message = ProtoMeasurements.Parser.ParseFrom(Efento);
        var offsets = message.Channels[0].SampleOffsets;
        int[] six = [.. offsets];
        offsets.Clear();
        offsets.AddRange(Enumerable.Range(0, readings).Select(i => six[i % six.Length]));
        return message.ToByteArray();
    }

    /// <summary>The sensor.</summary>
    public static readonly DeviceConfig Config = new() { DeviceId = "282c02424eed", Profile = "efento", ParserScriptRef = "efento.csx" };

    /// <summary>The request that carried it.</summary>
    public static readonly UplinkRequest Request = new()
    {
        RequestId = "r1",
        Method = "POST",
        Path = "/m",
        ReceivedAt = DateTimeOffset.FromUnixTimeSeconds(1_750_000_000),
        Peer = "192.0.2.1:5683",
    };

    /// <summary>What the journal keeps of it.</summary>
    /// <param name="lines">Its readings.</param>
    public static JournalRecord Record(byte[] lines) => new()
    {
        ReceivedAt = Request.ReceivedAt,
        DeviceId = Config.DeviceId,
        RequestId = Request.RequestId,
        Profile = Config.Profile,
        Method = Request.Method,
        Path = Request.Path,
        Peer = Request.Peer,
        Confirmable = true,
        ScriptRef = Config.ParserScriptRef,
        ScriptVersion = "0123456789ab",
        Payload = Efento,
        Outcome = FrameOutcome.Parsed,
        ReadingCount = lines.AsSpan().Count((byte)'\n'),
        Readings = lines,
    };
}
