using System.Globalization;
using System.Text;
using Gateway.Coap;

namespace Gateway.Tests.Plugtest;

/// <summary><c>/large-create</c>: what is POSTed becomes a resource below it. Called from several threads.</summary>
internal sealed class LargeCreateResource : CoapResource
{
    // The oldest makes room for the next.
    private const int MaxCreated = 16;

    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly Queue<(string Name, StoredResource Resource)> _created = new();
    private int _lastNumber;

    public override IReadOnlySet<CoapCode> Methods { get; } = new HashSet<CoapCode> { CoapCode.Post };

    /// <summary>What was made under that name; null if nothing was, or so much since that it had to go.</summary>
    public CoapResource? Find(string name)
    {
        lock (_gate)
        {
            return _created.FirstOrDefault(created => created.Name == name).Resource;
        }
    }

    public override ValueTask<CoapResponse> AnswerAsync(CoapRequest request, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (_created.Count == MaxCreated)
            {
                _created.Dequeue();
            }

            var name = (++_lastNumber).ToString(CultureInfo.InvariantCulture);
            _created.Enqueue((name, new StoredResource(request.Payload.ToArray())));
            return ValueTask.FromResult(new CoapResponse(CoapCode.Created)
            {
                MoreOptions = [new(OptionNumber.LocationPath, "large-create"u8.ToArray()), new(OptionNumber.LocationPath, Encoding.UTF8.GetBytes(name))],
            });
        }
    }
}
