using System.Collections.Immutable;
using System.Net;
using Gateway.Devices;

namespace Gateway.Uplink;

/// <summary>What a profile's frames must bring, made ready.</summary>
/// <param name="Networks">Where they must come from; empty for anywhere.</param>
/// <param name="Token">The token that they must bring; null for none.</param>
internal sealed record ProfileProof(ImmutableArray<IPNetwork> Networks, TokenRule? Token)
{
    /// <summary>Nothing: whoever names a device is taken for it.</summary>
    public static ProfileProof Nothing { get; } = new([], null);

    public static ProfileProof Of(ProfileSettings profile)
    {
        var networks = profile.Proof.OfType<PeerProofSettings>().SelectMany(rule => rule.Prefixes).Select(IPNetwork.Parse);
        var token = profile.Proof.OfType<TokenProofSettings>().FirstOrDefault();
        return new ProfileProof([.. networks], token is null ? null : new TokenRule(token.Option, token.Token is { } shared ? DeviceToken.Of(shared) : null));
    }

    public bool Takes(IPEndPoint peer)
    {
        if (Networks.IsEmpty)
        {
            return true;
        }

        var address = peer.Address.IsIPv4MappedToIPv6 ? peer.Address.MapToIPv4() : peer.Address;
        foreach (var network in Networks)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>Where a token stands, and which it is.</summary>
/// <param name="Option">The CoAP option; null for the payload alone.</param>
/// <param name="Shared">That of every device which has none of its own; null when each must have its own.</param>
internal sealed record TokenRule(int? Option, DeviceToken? Shared);
