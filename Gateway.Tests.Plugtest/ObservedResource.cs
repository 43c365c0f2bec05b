using System.Globalization;
using System.Text;
using Gateway.Coap;

namespace Gateway.Tests.Plugtest;

/// <summary>
/// <c>/obs</c>: counts up by itself, and says so to who observes it. A PUT gives it another content, which stays until it counts on;
/// after a DELETE it is not there until a PUT makes it anew. Called from several threads.
/// </summary>
internal sealed class ObservedResource : CoapResource, IDisposable
{
    /// <summary>How often it changes by itself.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    // Twice the period: who hears nothing for so long knows that it is observing no more (TD_COAP_OBS_04).
    private const uint MaxAgeSeconds = 10;

    private readonly StoredResource _stored = new("0"u8.ToArray());
    private readonly Action _changed;
    private readonly ITimer _timer;
    private int _count;
    private int _reads;

    /// <param name="time">Makes it change.</param>
    /// <param name="changed">Called when it did, on any thread; must not throw.</param>
    public ObservedResource(TimeProvider time, Action changed)
    {
        _changed = changed;
        _timer = time.CreateTimer(_ => CountUp(), null, Period, Period);
    }

    /// <summary>How often its state was told, each observer's notifications included.</summary>
    public int Reads => Volatile.Read(ref _reads);

    public override IReadOnlySet<CoapCode> Methods => _stored.Methods;

    public override IReadOnlySet<int> KnownOptions => _stored.KnownOptions;

    public override bool Observable => true;

    public override async ValueTask<CoapResponse> AnswerAsync(CoapRequest request, CancellationToken cancellation)
    {
        var answer = await _stored.AnswerAsync(request, cancellation).ConfigureAwait(false);
        if (request.Method == CoapCode.Get)
        {
            Interlocked.Increment(ref _reads);
            return answer with { MaxAge = MaxAgeSeconds };
        }

        if (answer.Code.Class != 2)
        {
            return answer;
        }

        // Who changed it has its answer before the observers hear of it.
        _timer.Change(Period, Period);
        return answer with { Sent = _changed };
    }

    public void Dispose() => _timer.Dispose();

    private void CountUp()
    {
        var count = Interlocked.Increment(ref _count);
        if (_stored.TryReplace(Encoding.ASCII.GetBytes(count.ToString(CultureInfo.InvariantCulture))))
        {
            _changed();
        }
    }
}
