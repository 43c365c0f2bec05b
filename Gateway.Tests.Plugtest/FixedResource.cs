using System.Text;
using Gateway.Coap;

namespace Gateway.Tests.Plugtest;

/// <summary>Always gives the same, at once or after a while.</summary>
internal sealed class FixedResource(byte[] content, int format = ContentFormat.TextPlain) : CoapResource
{
    private readonly TimeSpan _delay;
    private readonly TimeProvider _time = TimeProvider.System;

    public FixedResource(string content, int format = ContentFormat.TextPlain)
        : this(Encoding.UTF8.GetBytes(content), format)
    {
    }

    /// <summary>One that lets wait.</summary>
    public FixedResource(string content, TimeSpan delay, TimeProvider time)
        : this(content) => (_delay, _time) = (delay, time);

    public override IReadOnlySet<CoapCode> Methods { get; } = new HashSet<CoapCode> { CoapCode.Get };

    public override int? Produces => format;

    public override async ValueTask<CoapResponse> AnswerAsync(CoapRequest request, CancellationToken cancellation)
    {
        if (_delay > TimeSpan.Zero)
        {
            await Task.Delay(_delay, _time, cancellation).ConfigureAwait(false);
        }

        return new CoapResponse(CoapCode.Content) { Payload = content, ContentFormat = format };
    }
}
