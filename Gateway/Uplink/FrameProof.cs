using System.Collections.Frozen;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using Gateway.Coap;
using Gateway.Commands;
using Gateway.Devices;
using Gateway.Routing;
using Gateway.Scripting;
using Gateway.Scripting.Contract;

namespace Gateway.Uplink;

/// <summary>
/// Whether a frame is its device's: whether it brings what the profile asks for. Who fails learns nothing of which ids there are: an unknown device
/// and a wrong token are answered with the same words, and after the same time.
/// </summary>
internal sealed class FrameProof(ProfileCatalog profiles, ReadyScripts scripts, ScriptMetrics metrics, TimeProvider time)
{
    /// <summary>How long after its arrival a frame is refused whose token is looked at. Finding a device, or not, takes a small part of it.</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);

    // Made anew by whoever first finds that the profiles have changed.
    private volatile Proofs _proofs = Proofs.Of(profiles);

    private readonly ProofThrottle _throttle = new(time);

    /// <summary>Whether frames may come from this address on a route of the profile.</summary>
    /// <exception cref="ProfileGoneException">There is no such profile any more.</exception>
    public bool TakesPeer(string profile, IPEndPoint peer) => OfRoute(profile).Takes(peer);

    /// <summary>Whether frames on a route of the profile must bring a token, whoever sends them. Of a profile that is gone nobody knows any more.</summary>
    public bool AsksForToken(string profile) => Find(profile) is not { Token: null };

    /// <summary>Whether a frame may be a device's, on a route of the profile, that came over DTLS under the key of the proven one; null for one in the clear.</summary>
    public bool MaySpeakFor(string profile, string? proven, DeviceId id) =>
        proven is null || proven == id.ToString() || profiles.Find(profile) is { DtlsForwarding: true };

    /// <summary>Why a frame is not taken as its device's; null when it is.</summary>
    /// <param name="route">The route that it came on.</param>
    /// <param name="coap">The request.</param>
    /// <param name="request">The same, as scripts see it.</param>
    /// <param name="id">Who it says it is.</param>
    /// <param name="device">What is known of that device; null for nothing.</param>
    /// <param name="cancellation">Ends the wait for a script.</param>
    /// <exception cref="ProfileGoneException">The route's profile is not there any more.</exception>
    public async ValueTask<ProofFailure?> CheckAsync(
        DeviceRoute route, CoapRequest coap, UplinkRequest request, DeviceId id, Device? device, CancellationToken cancellation)
    {
        if (!MaySpeakFor(route.Profile, coap.Identity?.Owner, id))
        {
            return new ProofFailure(UplinkFailure.SpeaksForAnother, "the message names another device than the one whose key it came under");
        }

        var here = OfRoute(route.Profile);

        // Or a device could be spoken for on the route of a profile that asks for less than its own.
        var own = device?.Profile is { } profile && profile != route.Profile ? Of(profile) : here;
        if (!own.Takes(coap.Peer))
        {
            return new ProofFailure(UplinkFailure.PeerNotAllowed, $"{coap.Peer.Address} is in none of the networks of profile {device!.Profile}");
        }

        if (here.Token is null && own.Token is null && device?.Token is null)
        {
            return null;
        }

        var rule = here.Token ?? own.Token;
        if (rule?.Option is { } option && request.Option(option) is { } inOption)
        {
            return Judge(coap, id, device, own, inOption.Span);
        }

        var told = await AskScriptAsync(route, coap, request, cancellation);
        return told.Problem is { } problem ? new ProofFailure(UplinkFailure.ProofUnreadable, problem)
            : told.Token is { Length: > 0 } token ? Judge(coap, id, device, own, Encoding.UTF8.GetBytes(token))
            : new ProofFailure(UplinkFailure.ProofMissing, rule?.Option is { } number ? $"there is no token in option {number}, and none in the payload" : "there is no token in the payload");
    }

    /// <summary>Waits until a frame that came at this timestamp may be refused.</summary>
    public async ValueTask PaceAsync(long arrivedAt, CancellationToken cancellation)
    {
        var rest = Pace - time.GetElapsedTime(arrivedAt);
        if (rest > TimeSpan.Zero)
        {
            await Task.Delay(rest, time, cancellation);
        }
    }

    private ProofFailure? Judge(CoapRequest coap, DeviceId id, Device? device, ProfileProof own, ReadOnlySpan<byte> given)
    {
        if (!_throttle.MayTry(coap.Peer, id))
        {
            return new ProofFailure(UplinkFailure.ProofThrottled, $"too many wrong tokens for {id} from there");
        }

        var expected = device?.Token ?? own.Token?.Shared;
        if ((expected ?? DeviceToken.OfNobody).Fits(given) && expected is not null)
        {
            return null;
        }

        _throttle.Failed(coap.Peer, id);
        return new ProofFailure(
            UplinkFailure.ProofWrong,
            expected is not null ? $"the token is not that of {id}" : device is null ? $"{id} is not registered, so no token is its own" : $"{id} has no token, and its profile none for all");
    }

    private async ValueTask<(string? Token, string? Problem)> AskScriptAsync(DeviceRoute route, CoapRequest coap, UplinkRequest request, CancellationToken cancellation)
    {
        var script = await scripts.OfProfileAsync(route.Profile, cancellation);
        if (script.Current is not { } current)
        {
            return (null, $"{script.Ref} has no working version");
        }

        if (!current.CanTellCloudToken)
        {
            return (null, null);
        }

        var started = time.GetTimestamp();
        var outcome = current.CloudToken(coap.Payload, request);
        metrics.Called(script.Ref, ScriptFunction.CloudToken, outcome.Failure?.Kind, time.GetElapsedTime(started));
        return outcome.Failure switch
        {
            null => (outcome.Value, null),
            { Kind: ScriptFailureKind.InvalidPayload } => (null, null),
            { } fault => (null, fault.Message),
        };
    }

    // A route's profile is there, unless it has just been taken out: then it is not known what frames must bring.
    private ProfileProof OfRoute(string profile) => Find(profile) ?? throw new ProfileGoneException(profile);

    private ProfileProof Of(string profile) => Find(profile) ?? ProfileProof.Nothing;

    private ProfileProof? Find(string profile)
    {
        var proofs = _proofs;
        if (!ReferenceEquals(proofs.Edition, profiles.Edition))
        {
            _proofs = proofs = Proofs.Of(profiles);
        }

        return proofs.ByProfile.GetValueOrDefault(profile);
    }

    /// <summary>What each profile of an edition asks for.</summary>
    private sealed record Proofs(object Edition, FrozenDictionary<string, ProfileProof> ByProfile)
    {
        // The edition first: a change meanwhile makes these out of date at once.
        public static Proofs Of(ProfileCatalog profiles)
        {
            var edition = profiles.Edition;
            return new Proofs(edition, profiles.All.ToFrozenDictionary(profile => profile.Key, profile => ProfileProof.Of(profile.Value), StringComparer.Ordinal));
        }
    }
}

/// <summary>Why a frame is not taken as its device's.</summary>
/// <param name="Failure">What is counted and answered.</param>
/// <param name="Reason">For the log alone: it may tell whether the device is known.</param>
internal sealed record ProofFailure(UplinkFailure Failure, string Reason)
{
    /// <summary>What the device is told.</summary>
    public string Told => Failure switch
    {
        UplinkFailure.SpeaksForAnother => "the message names another device than the one whose key it came under",
        UplinkFailure.PeerNotAllowed => "not from this network",
        UplinkFailure.ProofMissing => "a token is missing",
        UplinkFailure.ProofUnreadable => "the token cannot be read now; send it again",
        UplinkFailure.ProofThrottled => "too many wrong tokens; wait",
        _ => "not this device's token",
    };
}

/// <summary>
/// How many wrong tokens one network may bring for one id: ten at once, and then one a minute. The device itself, in another network, and its neighbours
/// behind the same address go on. A table of fixed size, where two that meet share a bucket.
/// </summary>
internal sealed class ProofThrottle(TimeProvider time)
{
    private const int Slots = 65_536;
    private const int Burst = 10;
    private const double PerSecond = 1.0 / 60;
    private const int HostBits4 = 8;
    private const int HostBits6 = 80;

    private readonly TokenRate _rate = TokenRate.Of(time, PerSecond, Burst);
    private readonly TokenBucket[] _buckets = new TokenBucket[Slots];
    private readonly Lock _lock = new();

    public bool MayTry(IPEndPoint peer, DeviceId id)
    {
        lock (_lock)
        {
            return _buckets[SlotOf(peer, id)].HasToken(_rate, time.GetTimestamp());
        }
    }

    public void Failed(IPEndPoint peer, DeviceId id)
    {
        lock (_lock)
        {
            _buckets[SlotOf(peer, id)].TryTake(_rate, time.GetTimestamp());
        }
    }

    private static int SlotOf(IPEndPoint endPoint, DeviceId id)
    {
        var peer = Peer.From(endPoint);
        var network = SeededHash.Of((ulong)(peer.Address >> (peer.IsIPv4 ? HostBits4 : HostBits6)));
        return (int)(SeededHash.Of(network, MemoryMarshal.AsBytes(id.ToString().AsSpan())) % Slots);
    }
}
