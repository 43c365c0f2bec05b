using System.Security.Cryptography;

namespace Gateway.Coap;

/// <summary>
/// Keeps the server from being used against others: who writes a victim's address into a small request is not to have a large answer sent
/// there. A peer that has not shown that it receives at its address is asked to echo a value first (RFC 9175 §2.4 item 3, which updates
/// RFC 7252 §11.3). May be called from any thread.
/// </summary>
//
//   POST ──► answer ──┬─ small, or the peer is verified ──► sent
//                     ├─ within the credit ───────────────► sent, and counted
//                     ├─ GET, FETCH ──────────────────────► dropped ──► 4.01, Echo
//                     ├─ else ────────────────────────────► parked  ──► 4.01, Echo
//                     └─ else, without room ──────────────► its first 64 bytes, in Block2
//
//   POST, Echo ──► the peer is verified ──► the parked answer, or else asked like any other
//
// Credit is for answers that can't be put off, as those to a device that knows no Echo: what a request is worth beyond its own answer is kept for
// its address, so that in the long run nobody gets more than the factor times what came from there (as RFC 9000 §8.1 has it).
//
// What proves nothing: an ACK or RST of a CON of ours, as message IDs of 16 bits can be guessed from afar, all of them in a second.
internal sealed class AmplificationGuard
{
    // RFC 9175 §2.4: three times the smallest message with its Ethernet, IPv6 and UDP headers, less those headers.
    private const int FreeSize = 136;

    // A device has few requests under way, and needs room only before it has echoed; a flood of forged ones is to find little.
    private const int MaxParked = 1000;
    private const int MaxParkedPerPeer = 4;
    private const int MaxParkedBytes = 2 << 20;

    // A large message, and its four repetitions (RFC 7252 §4.8).
    private const int MostCredit = 5 * CoapCodec.MaxDatagramSize;

    // Addresses that meet share a credit, which changes nothing of what it is for; nobody can make them meet on purpose.
    private const int CreditGroups = 16_384;

    // RFC 9175 §2.4: it is to be done once per peer. But a NAT gives a port, and an operator an address, to somebody else some time, and
    // until this is over whoever knows of it could have large answers sent there.
    private static readonly TimeSpan VerifiedTime = TimeSpan.FromHours(1);

    private readonly TimeProvider _time;
    private readonly CoapMetrics _metrics;
    private readonly ILogger _log;
    private readonly int _factor;
    private readonly int _floor;
    private readonly long _start;
    private readonly EchoIssuer _issuer;
    private readonly VerifiedPeers _verified;
    private readonly ParkedAnswers _parked;

    // In bytes; below 0 when answers that were promised together took more than there was. Changed by compare and exchange.
    private readonly int[] _credit = new int[CreditGroups];

    public AmplificationGuard(CoapSettings settings, TransmissionParameters parameters, TimeProvider time, CoapMetrics metrics, ILogger log)
    {
        (_time, _metrics, _log, _factor) = (time, metrics, log, settings.AmplificationFactor);
        _floor = _factor == 0 ? int.MaxValue : FreeSize;
        _start = time.GetTimestamp();

        // In this time a client that lost answers can still come again with the message ID that it began with, and so with the value.
        var lifetime = parameters.ExchangeLifetime;
        _issuer = new EchoIssuer(RandomNumberGenerator.GetBytes(HMACSHA256.HashSizeInBytes), (uint)Math.Ceiling(lifetime.TotalSeconds));
        _verified = new VerifiedPeers(settings.MaxVerifiedPeers, time.TimestampsIn(VerifiedTime));
        _parked = new ParkedAnswers(MaxParkedPerPeer, MaxParked, MaxParkedBytes, time.TimestampsIn(lifetime));
        metrics.ObserveVerifiedPeers(() => _verified.CountAt(time.GetTimestamp()));
    }

    private uint Second => (uint)((_time.GetTimestamp() - _start) / _time.TimestampFrequency);

    /// <summary>How large the answer to a request of that size may be without a doubt about who gets it, in bytes.</summary>
    public int FreeSizeFor(int request) => (int)Math.Max(_floor, (long)_factor * request);

    /// <summary>The request got an answer, whose size is known well enough: what it was worth beyond that is kept for its address.</summary>
    public void Answered(in Peer peer, int request, int answer)
    {
        var earned = (_factor * request) - answer;
        if (earned > 0)
        {
            ref var credit = ref CreditOf(peer);
            for (var now = Volatile.Read(ref credit); now < MostCredit;)
            {
                var seen = Interlocked.CompareExchange(ref credit, Math.Min(now + earned, MostCredit), now);
                if (seen == now)
                {
                    return;
                }

                now = seen;
            }
        }
    }

    /// <summary>How large an answer to a request of that size may be now, in bytes; without a limit for who has shown where it is.</summary>
    public int RoomFor(in Peer peer, int request) => Trusts(peer) ? int.MaxValue
        : Math.Max(FreeSizeFor(request), (_factor * request) + Math.Max(0, Volatile.Read(ref CreditOf(peer))));

    /// <summary>An answer that was within <see cref="RoomFor"/> goes out, and is taken off, even if others have taken of the same room meanwhile.</summary>
    public void Spend(in Peer peer, int request, int answer) => Interlocked.Add(ref CreditOf(peer), (_factor * request) - answer);

    /// <summary>Whether a duplicate of a request gets its answer again: each time anew what is large has to be paid for.</summary>
    public bool MayRepeat(in Peer peer, int request, int answer)
    {
        if (answer <= FreeSizeFor(request) || Trusts(peer))
        {
            return true;
        }

        var price = answer - (_factor * request);
        ref var credit = ref CreditOf(peer);
        for (var now = Volatile.Read(ref credit); now >= price;)
        {
            var seen = Interlocked.CompareExchange(ref credit, now - price, now);
            if (seen == now)
            {
                return true;
            }

            now = seen;
        }

        return false;
    }

    /// <summary>Takes note of a value that came back; false when it is not fresh, and then it says nothing (RFC 9175 §2.3 lets it be ignored).</summary>
    public bool Verify(in Peer peer, ReadOnlySpan<byte> echo)
    {
        if (_factor == 0 || !_issuer.IsFresh(peer, echo, Second))
        {
            return false;
        }

        _verified.Add(peer, _time.GetTimestamp());
        return true;
    }

    /// <summary>Whether the peer has shown that it receives where it says that it is, or need not show it: the handshake of one with a session has.</summary>
    public bool Trusts(in Peer peer) => _factor == 0 || peer.IsSecured || _verified.Contains(peer, _time.GetTimestamp());

    /// <summary>The answer that asks the peer to show it.</summary>
    public CoapResponse Challenge(in Peer peer)
    {
        _metrics.Challenge();
        _log.Challenged(peer);
        return new CoapResponse(CoapCode.Unauthorized)
        {
            MoreOptions = [new CoapOption(OptionNumber.Echo, _issuer.Issue(peer, Second))],
            SentOnce = true,
        };
    }

    /// <summary>Keeps the answer until the request comes again with Echo; false when there is no room.</summary>
    public bool TryPark(in Peer peer, CoapRequest request, CoapResponse answer) =>
        _parked.TryPark(peer, DigestOf(request), answer, _time.GetTimestamp());

    /// <summary>The answer that was kept for the request, whatever its token and message ID; null for none.</summary>
    public CoapResponse? TakeParked(in Peer peer, CoapRequest request) => _parked.Take(peer, DigestOf(request), _time.GetTimestamp());

    // The address alone: behind a NAT a device has another port with each of its messages.
    private ref int CreditOf(in Peer peer) =>
        ref _credit[SeededHash.Of((ulong)peer.Address ^ SeededHash.Of((ulong)(peer.Address >> 64))) & (CreditGroups - 1)];

    // RFC 9175 §2.3: the client sends its request again with Echo added, and all the rest as it was.
    private static UInt128 DigestOf(CoapRequest request) =>
        RequestDigest.Of(request.Method, request.Options, number => number != OptionNumber.Echo, request.Payload.Span);
}
