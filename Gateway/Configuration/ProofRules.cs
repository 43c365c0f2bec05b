using System.Net;
using System.Text;
using Gateway.Coap;
using Gateway.Devices;

namespace Gateway.Configuration;

/// <summary>What must hold for the proofs that profiles ask for.</summary>
internal static class ProofRules
{
    public static IEnumerable<SettingsProblem> Check(string profilePlace, ProfileSettings profile)
    {
        var place = SettingsPath.Member(profilePlace, "proof");
        var tokens = 0;
        for (var i = 0; i < profile.Proof.Count; i++)
        {
            var problems = profile.Proof[i] switch
            {
                PeerProofSettings peer => Peers(SettingsPath.Item(place, i), peer),
                TokenProofSettings token => Token(SettingsPath.Item(place, i), token, isFirst: tokens++ == 0),
                _ => [],
            };
            foreach (var problem in problems)
            {
                yield return problem;
            }
        }
    }

    private static IEnumerable<SettingsProblem> Peers(string place, PeerProofSettings rule)
    {
        if (rule.Prefixes.Count == 0)
        {
            yield return new SettingsProblem(SettingsPath.Member(place, "prefixes"), "needs at least 1 entry");
        }

        for (var i = 0; i < rule.Prefixes.Count; i++)
        {
            if (!IPNetwork.TryParse(rule.Prefixes[i], out _))
            {
                yield return new SettingsProblem(
                    SettingsPath.Item(SettingsPath.Member(place, "prefixes"), i),
                    $"\"{rule.Prefixes[i]}\" is no network such as \"10.20.0.0/16\" or \"2001:db8::/32\"");
            }
        }
    }

    private static IEnumerable<SettingsProblem> Token(string place, TokenProofSettings rule, bool isFirst)
    {
        if (!isFirst)
        {
            yield return new SettingsProblem(place, "a profile asks for one token: leave the second rule out");
        }

        if (rule.Option is { } option && OptionRule.Of(option) is not null)
        {
            yield return new SettingsProblem(SettingsPath.Member(place, "option"), $"{option} is one of CoAP's own options, and has another meaning");
        }

        // What it is must not stand in the problem.
        if (rule.Token is { } token && (string.IsNullOrWhiteSpace(token) || Encoding.UTF8.GetByteCount(token) > DeviceToken.MaxBytes))
        {
            yield return new SettingsProblem(SettingsPath.Member(place, "token"), $"must have 1 to {DeviceToken.MaxBytes} bytes");
        }
    }
}
