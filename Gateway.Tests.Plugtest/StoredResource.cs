using System.Security.Cryptography;
using Gateway.Coap;

namespace Gateway.Tests.Plugtest;

/// <summary>
/// <c>/validate</c>, <c>/create1</c>, <c>/large-update</c>: keeps what is PUT, gives it with an ETag, and does each only under the
/// conditions of the request. Called from several threads.
/// </summary>
/// <param name="initially">The text that it begins with; null when it is not there until it is made.</param>
internal sealed class StoredResource(ReadOnlyMemory<byte>? initially) : CoapResource
{
    private const int ETagLength = 8;

    private readonly Lock _gate = new();

    // Guarded by _gate; null while it is not there.
    private Representation? _current = initially is { } content ? Representation.Of(content, ContentFormat.TextPlain) : null;

    public override IReadOnlySet<CoapCode> Methods { get; } = new HashSet<CoapCode> { CoapCode.Get, CoapCode.Put, CoapCode.Delete };

    public override IReadOnlySet<int> KnownOptions => Preconditions.Options;

    public override ValueTask<CoapResponse> AnswerAsync(CoapRequest request, CancellationToken cancellation)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(
                !Preconditions.AreMet(request, _current?.ETag) ? CoapResponse.Error(CoapCode.PreconditionFailed, "it is not as you thought")
                : request.Method == CoapCode.Put ? Put(request)
                : request.Method == CoapCode.Delete ? Delete()
                : Get(request));
        }
    }

    /// <summary>Gives it another text, if it is there.</summary>
    public bool TryReplace(ReadOnlyMemory<byte> text)
    {
        lock (_gate)
        {
            _current = _current is null ? null : Representation.Of(text, ContentFormat.TextPlain);
            return _current is not null;
        }
    }

    private CoapResponse Get(CoapRequest request) => _current switch
    {
        null => CoapResponse.Error(CoapCode.NotFound, "nobody has made it yet"),

        // RFC 7252 §5.9.1.3: 2.03 names the version that still holds, and has no payload.
        { } known when Preconditions.IsKnown(request, known.ETag) => new CoapResponse(CoapCode.Valid) { ETag = known.ETag },
        { } current => new CoapResponse(CoapCode.Content) { Payload = current.Content, ContentFormat = current.Format, ETag = current.ETag },
    };

    private CoapResponse Put(CoapRequest request)
    {
        var existed = _current is not null;
        _current = Representation.Of(request.Payload.ToArray(), request.ContentFormat ?? ContentFormat.OctetStream);
        return new CoapResponse(existed ? CoapCode.Changed : CoapCode.Created);
    }

    private CoapResponse Delete()
    {
        _current = null;
        return new CoapResponse(CoapCode.Deleted);
    }

    private sealed record Representation(ReadOnlyMemory<byte> Content, int Format, byte[] ETag)
    {
        public static Representation Of(ReadOnlyMemory<byte> content, int format) =>
            new(content, format, SHA256.HashData([(byte)(format >> 8), (byte)format, .. content.Span])[..ETagLength]);
    }
}
