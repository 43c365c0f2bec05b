using System.Buffers;
using System.Runtime.InteropServices;
using Gateway.Coap;
using Gateway.Commands;
using Gateway.Devices;
using Gateway.Journal;
using Gateway.Routing;
using Gateway.Scripting;
using Gateway.Scripting.Contract;

namespace Gateway.Uplink;

/// <summary>What became of a frame's payload: its readings as the sinks write them, or why there are none.</summary>
internal sealed record Frame
{
    public required FrameOutcome Outcome { get; init; }

    public string? Error { get; init; }

    public string ScriptRef { get; init; } = "";

    public string ScriptVersion { get; init; } = "";

    /// <summary>Lines of JSON; none any more after <see cref="Release"/>.</summary>
    public ReadOnlyMemory<byte> Readings { get; private set; }

    public int ReadingCount { get; init; }

    /// <summary>When the device means to speak again, as the script says in the metadata of the frame's first reading; null when it does not.</summary>
    public ReadingValue? NextTransmissionAt { get; init; }

    /// <summary>Whether the script took more than a call may take, and was stopped.</summary>
    public bool WasStopped { get; init; }

    // The entry of a reading's metadata that says when the device means to speak again.
    private const string NextTransmissionKey = "next_transmission_at";

    // A sensor's largest message gives some hundred readings, about 100 KiB; beyond this a script has lost count.
    private const int MaxReadingBytes = 4 * 1024 * 1024;

    public static Frame NotParsed(FrameOutcome outcome, string error, string scriptRef = "", string scriptVersion = "") =>
        new() { Outcome = outcome, Error = error, ScriptRef = scriptRef, ScriptVersion = scriptVersion };

    public static Frame Parsed(Registration registration, string scriptVersion, ScriptOutcome<IReadOnlyList<Reading>> parsed, UplinkRequest request)
    {
        var readings = parsed.Value;
        if (ReadingLines.Write(readings, registration.Config, request, parsed.Warnings, MaxReadingBytes) is not { } lines)
        {
            var error = $"the script's {readings.Count} readings take more than the {MaxReadingBytes / 1024 / 1024} MiB that one frame may have";
            return NotParsed(FrameOutcome.ScriptFailed, error, registration.Script.Ref, scriptVersion);
        }

        return new Frame
        {
            Outcome = FrameOutcome.Parsed,
            ScriptRef = registration.Script.Ref,
            ScriptVersion = scriptVersion,
            Readings = lines,
            ReadingCount = readings.Count,
            NextTransmissionAt = readings.Count > 0 && readings[0].Metadata.TryGetValue(NextTransmissionKey, out var next) ? next : null,
        };
    }

    /// <summary>The readings are written down, and nobody looks at them here any more: their memory is for the next frame.</summary>
    public void Release()
    {
        var readings = Readings;
        Readings = default;
        if (MemoryMarshal.TryGetArray(readings, out var lines) && lines.Array is { Length: > 0 } rented)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>For a frame whose script should have said who sent it, and could not.</summary>
    public static Frame Unidentified(CatalogScript faulty, string problem) => NotParsed(
        faulty.Current is null ? FrameOutcome.ScriptUnavailable : FrameOutcome.ScriptFailed, problem, faulty.Ref, faulty.Current?.Version ?? "");

    /// <summary>What is kept of a frame that was read again: the times and names are those that it came with.</summary>
    /// <param name="frame">The frame as it was kept first.</param>
    /// <param name="device">Whose it is, as far as is known now.</param>
    /// <param name="revision">How often it has been read before.</param>
    public JournalRecord ToReread(JournalRecord frame, string device, int revision) => new()
    {
        ReceivedAt = frame.ReceivedAt,
        Kind = JournalRecordKind.Reread,
        DeviceId = device,
        RequestId = frame.RequestId,
        Profile = frame.Profile,
        About = frame.Sequence,
        Revision = revision,
        ScriptRef = ScriptRef,
        ScriptVersion = ScriptVersion,
        Outcome = Outcome,
        Error = Error,
        Readings = Readings,
        ReadingCount = ReadingCount,
    };

    public JournalRecord ToRecord(DeviceRoute route, CoapRequest coap, UplinkRequest request, DeviceId device) => new()
    {
        ReceivedAt = coap.ReceivedAt,
        Kind = JournalRecordKind.Uplink,
        DeviceId = device.ToString(),
        RequestId = request.RequestId,
        Profile = route.Profile,
        Method = request.Method,
        Path = request.Path,
        Query = coap.Query.Count == 0 ? null : string.Join('&', coap.Query),
        Peer = request.Peer,
        DtlsDevice = coap.Identity?.Owner,
        ContentFormat = coap.ContentFormat,
        Confirmable = coap.Confirmable,
        ScriptRef = ScriptRef,
        ScriptVersion = ScriptVersion,
        Payload = coap.Payload,
        Outcome = Outcome,
        Error = Error,
        Readings = Readings,
        ReadingCount = ReadingCount,
    };
}
