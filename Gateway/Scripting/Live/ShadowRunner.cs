using System.Buffers;
using System.Text;
using System.Threading.Channels;
using Gateway.Scripting.Contract;

namespace Gateway.Scripting;

/// <summary>
/// Gives candidates the frames that live versions have read, and compares the readings. It runs behind the frames' way and never holds one up:
/// when it can't keep up, frames are left out, and counted.
/// </summary>
internal sealed class ShadowRunner(TimeProvider time, ILogger<ShadowRunner> logger) : BackgroundService
{
    private const int MostWaiting = 1024;
    private const int LongestExample = 2000;

    private readonly Channel<ShadowFrame> _frames = Channel.CreateBounded<ShadowFrame>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });

    /// <summary>Takes a frame that the live version has just read.</summary>
    public void Offer(ScriptCandidate candidate, ReadOnlyMemory<byte> payload, DeviceConfig config, UplinkRequest request, ScriptOutcome<IReadOnlyList<Reading>> live, TimeSpan took)
    {
        // The payload lies in a buffer that belongs to the exchange.
        if (candidate.Script is not null && !_frames.Writer.TryWrite(new ShadowFrame(candidate, payload.ToArray(), config, request, live, took)))
        {
            candidate.Tally.Miss();
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var frame in _frames.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                Compare(frame);
            }
            catch (Exception exception)
            {
                logger.ShadowFailed(exception);
            }
        }
    }

    private void Compare(ShadowFrame frame)
    {
        var started = time.GetTimestamp();
        var candidate = frame.Candidate.Script!.Parse(frame.Payload, frame.Config, frame.Request);
        var took = time.GetElapsedTime(started);
        var (verdict, live, other) = Verdict(frame.Live, candidate);
        var example = verdict is ShadowVerdict.Agrees
            ? null
            : new ShadowExample(frame.Request.RequestId, frame.Config.DeviceId, frame.Request.Path, Convert.ToHexStringLower(frame.Payload), Short(live), Short(other));
        frame.Candidate.Tally.Add(verdict, example, frame.Took, took);
    }

    private static (ShadowVerdict Verdict, string Live, string Candidate) Verdict(ScriptOutcome<IReadOnlyList<Reading>> live, ScriptOutcome<IReadOnlyList<Reading>> candidate)
    {
        if (live.Failure is { } failure)
        {
            return candidate.Failure is not { } also ? (ShadowVerdict.Mends, failure.Message, Texts(candidate.Value).FirstOrDefault() ?? "no readings")
                : (also.Kind == failure.Kind ? ShadowVerdict.Agrees : ShadowVerdict.Fails, failure.Message, also.Message);
        }

        if (candidate.Failure is { } failed)
        {
            return (ShadowVerdict.Fails, Texts(live.Value).FirstOrDefault() ?? "no readings", failed.Message);
        }

        var (theirs, ours) = (Texts(live.Value).ToArray(), Texts(candidate.Value).ToArray());
        for (var i = 0; i < Math.Max(theirs.Length, ours.Length); i++)
        {
            var (one, other) = (theirs.ElementAtOrDefault(i) ?? "no such reading", ours.ElementAtOrDefault(i) ?? "no such reading");
            if (one != other)
            {
                return (ShadowVerdict.Differs, one, other);
            }
        }

        return (ShadowVerdict.Agrees, "", "");
    }

    private static IEnumerable<string> Texts(IReadOnlyList<Reading> readings)
    {
        var line = new ArrayBufferWriter<byte>();
        foreach (var reading in readings)
        {
            line.ResetWrittenCount();
            ReadingJson.Write(line, reading);
            yield return Encoding.UTF8.GetString(line.WrittenSpan);
        }
    }

    private static string Short(string text) => text.Length <= LongestExample ? text : text[..LongestExample];

    private sealed record ShadowFrame(
        ScriptCandidate Candidate, byte[] Payload, DeviceConfig Config, UplinkRequest Request, ScriptOutcome<IReadOnlyList<Reading>> Live, TimeSpan Took);
}
