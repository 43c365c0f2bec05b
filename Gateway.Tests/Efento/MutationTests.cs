using CsCheck;
using Gateway.Protos.Efento;
using Gateway.Scripting.Contract;
using static Gateway.Tests.Efento.EfentoSensor;

namespace Gateway.Tests.Efento;

/// <summary>Whatever arrives, the script reads it or refuses it, and does not fall over.</summary>
internal sealed class MutationTests
{
    private static readonly string[] Paths = ["/m", "/i", "/c"];

    // A known message with a few bytes overwritten, and cut or made longer.
    private static readonly Gen<byte[]> Mutated =
        from vector in Gen.OneOfConst([.. Vector.All.Where(vector => vector.Payload.Length < 300)])
        from edits in Gen.Select(Gen.Int[0, 300], Gen.Byte).Array[0, 4]
        from tail in Gen.Byte.Array[0, 3]
        from cut in Gen.Int[0, 12]
        select Mutate(vector.Payload, edits, tail, cut);

    private static readonly string[] Settings = [.. ProtoConfig.Descriptor.Fields.InDeclarationOrder().Select(setting => setting.Name)];

    // Numbers near the limits, names that exist somewhere, and objects and lists of them.
    private static readonly Gen<string> Simple = Gen.OneOfConst(
        "0", "1", "2", "7", "60", "255", "65000", "4294967295", "4294967296", "-1", "-180", "1e3", "0.5", "1e400", "99999999999999999999",
        "true", "false", "null", "\"off\"", "\"always\"", "\"week\"", "\"logic\"", "\"TEMPERATURE\"", "\"7f\"", "\"\"", "\"\\u007f\"");

    private static readonly Gen<string> Member = Gen.OneOfConst(
        "condition", "parameters", "action", "channel_mask", "rule_mask", "type", "mode", "normal", "channel_index", "channel_state",
        "calibration_request", "disable_period_base", "other");

    private static Gen<string> AnyJson(int depth) => depth == 0
        ? Simple
        : Gen.OneOf(
            Simple,
            AnyJson(depth - 1).Array[0, 6].Select(items => $"[{string.Join(',', items)}]"),
            Gen.Select(Member, AnyJson(depth - 1), (name, value) => $"\"{name}\": {value}").Array[0, 4]
                .Select(members => $"{{{string.Join(',', members)}}}"));

    [Test]
    public void A_damaged_message_is_read_or_refused() =>
        Gen.Select(Mutated, Gen.OneOfConst(Paths)).Sample(
            (payload, path) => ReadOrRefused(() =>
            {
                Script.Identify(payload, Request(path));
                Script.Parse(payload, Config, Request(path));
            }),
            iter: 20_000);

    [Test]
    public void A_message_of_nothing_but_noise_is_read_or_refused() =>
        Gen.Select(Gen.Byte.Array[0, 64], Gen.OneOfConst(Paths)).Sample(
            (payload, path) => ReadOrRefused(() => Script.Parse(payload, Config, Request(path))), iter: 5_000);

    [Test]
    public void Whatever_is_asked_for_is_encoded_or_refused() =>
        Gen.Select(Gen.OneOfConst([.. Settings]), AnyJson(3)).Sample(
            (setting, value) => ReadOrRefused(() => ConfigUpdate($$"""{"{{setting}}": {{value}}}""")),
            iter: 20_000);

    private static byte[] Mutate(byte[] payload, (int At, byte Value)[] edits, byte[] tail, int cut)
    {
        // Most messages keep their length, so that damage reaches what is deep inside.
        byte[] mutated = cut < 9 ? [.. payload] : cut < 11 ? [.. payload, .. tail] : payload[..(payload.Length / 2)];
        foreach (var (at, value) in edits)
        {
            if (mutated.Length > 0)
            {
                mutated[at % mutated.Length] = value;
            }
        }

        return mutated;
    }

    // There are two good ends: it is read, or refused with a reason.
    private static bool ReadOrRefused(Action read)
    {
        try
        {
            read();
            return true;
        }
        catch (Exception refusal) when (refusal is InvalidPayloadException or CommandException)
        {
            return refusal.Message.Length > 0;
        }
    }
}
