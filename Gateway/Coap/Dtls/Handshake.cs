using System.Security.Cryptography;
using Org.BouncyCastle.Tls;

namespace Gateway.Coap.Dtls;

/// <summary>A handshake that is under way with a peer that has shown that it receives at its address. One lock guards it: its own.</summary>
internal sealed class Handshake
{
    // More than a client with the longest chain of certificates needs, each of its datagrams lost twice.
    private const int MaxDatagrams = 48;
    private const int MaxBytes = 32 * 1024;
    private const int SeedSize = 64;

    // One is needed for each side's say. More are for a peer whose datagrams overtake each other, and no more than these are for a stranger.
    private const int MaxRuns = 8;

    private readonly List<byte[]> _heard = [];
    private int _heardBytes;
    private IReadOnlyList<byte[]> _said = [];
    private bool _working;
    private bool _isOver;
    private HandshakeProgress _progress;
    private int _runs;

    /// <param name="source">Where the peer is.</param>
    /// <param name="home">The socket that it came to.</param>
    /// <param name="request">Its ClientHello, with a cookie that is right.</param>
    /// <param name="hello">By what that is known when it comes again.</param>
    /// <param name="terms">What the handshake goes by.</param>
    /// <param name="startedAt">The time, as a timestamp.</param>
    public Handshake(in Peer source, DtlsSocket home, DtlsRequest request, UInt128 hello, HandshakeTerms terms, long startedAt)
    {
        (Source, Home, Request, Hello, Terms, StartedAt) = (source, home, request, hello, terms, startedAt);
        Number = HandshakeConnectionId.New(terms.Settings.NodeId);
        ConnectionId = HandshakeConnectionId.ToBytes(Number);
        Place = new LinkedListNode<Handshake>(this);
    }

    /// <summary>Its place among all, which <see cref="Handshakes"/> guards.</summary>
    public LinkedListNode<Handshake> Place { get; }

    public Peer Source { get; }

    public DtlsSocket Home { get; }

    public DtlsRequest Request { get; }

    public UInt128 Hello { get; }

    public HandshakeTerms Terms { get; }

    public long StartedAt { get; }

    /// <summary>What the session will be known by.</summary>
    public ulong Number { get; }

    public byte[] ConnectionId { get; }

    /// <summary>All chance in it.</summary>
    public byte[] Seed { get; } = RandomNumberGenerator.GetBytes(SeedSize);

    /// <summary>Which of the keys of its identity is tried. Only its worker reads and writes it, and what follows.</summary>
    public int KeyIndex { get; set; }

    /// <summary>The last datagrams that were sent: what is repeated when the peer repeats itself.</summary>
    public IReadOnlyList<byte[]> LastFlight { get; private set; } = [];

    private bool IsWorthARun => _runs < MaxRuns && (_progress.IsFinished || _progress.HasAlert);

    /// <summary>Begins the first run.</summary>
    public void Begin() => _working = true;

    /// <summary>Takes what has come; true when somebody has to work on it who does not yet.</summary>
    public bool Hear(ReadOnlySpan<byte> datagram)
    {
        lock (_heard)
        {
            if (_isOver || _heard.Count >= MaxDatagrams || _heardBytes + datagram.Length > MaxBytes || HasHeard(datagram))
            {
                return false;
            }

            _heard.Add(datagram.ToArray());
            _heardBytes += datagram.Length;
            _progress.Add(datagram, ConnectionId);
            if (_working || !IsWorthARun)
            {
                return false;
            }

            _working = true;
            return true;
        }
    }

    /// <summary>All that has come, for a run.</summary>
    public byte[][] Heard()
    {
        lock (_heard)
        {
            _runs++;
            return [.. _heard];
        }
    }

    /// <summary>Takes note of all records that a run has said; gives the datagrams with those that are new. A datagram has as many as it can hold.</summary>
    /// <exception cref="InvalidOperationException">A run did not say again what the one before it has said: it was not the same handshake.</exception>
    public IReadOnlyList<byte[]> Say(IReadOnlyList<byte[]> said, int datagramSize)
    {
        for (var i = 0; i < _said.Count; i++)
        {
            if (i >= said.Count || !said[i].AsSpan().SequenceEqual(_said[i]))
            {
                throw new InvalidOperationException("a handshake that was run again has said something else than before");
            }
        }

        if (said.Count == _said.Count)
        {
            return [];
        }

        var datagrams = new List<byte[]>();
        for (var i = _said.Count; i < said.Count; i++)
        {
            if (datagrams.Count > 0 && datagrams[^1].Length + said[i].Length <= datagramSize)
            {
                datagrams[^1] = [.. datagrams[^1], .. said[i]];
            }
            else
            {
                datagrams.Add(said[i]);
            }
        }

        _said = said;
        LastFlight = datagrams;
        return datagrams;
    }

    /// <summary>Ends the work on so many datagrams; false when more have come meanwhile.</summary>
    public bool TryRest(int heard)
    {
        lock (_heard)
        {
            _working = !_isOver && _heard.Count != heard && IsWorthARun;
            return !_working;
        }
    }

    /// <summary>Ends it; false when that was done already.</summary>
    public bool TryEnd()
    {
        lock (_heard)
        {
            var first = !_isOver;
            _isOver = true;
            return first;
        }
    }

    private bool HasHeard(ReadOnlySpan<byte> datagram)
    {
        foreach (var known in _heard)
        {
            if (datagram.SequenceEqual(known))
            {
                return true;
            }
        }

        return false;
    }
}
