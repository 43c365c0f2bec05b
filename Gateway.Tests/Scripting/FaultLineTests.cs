using Gateway.Scripting;

namespace Gateway.Tests.Scripting;

/// <summary>A fault is told with the line on which it happened, though the code that serves is optimized.</summary>
internal sealed class FaultLineTests
{
    // Each statement fails for its own first byte; the comment says for which.
    private const string Source = """
        enum Kind { A }
        class Node { public Node? Next; public int Number; }
        static int Twice(int n) => n * 2;
        static int Digit(string text) => int.Parse(text);
        IEnumerable<int> Endless(byte[] from, int at) { yield return 1;
            yield return from[at];                                                          // 20
        }
        IEnumerable<Reading> parse(byte[] payload, DeviceConfig config)
        {
            var n = (int)payload[0];
            var text = "x";
            Node? node = null;
            object boxed = text;
            var list = new List<int> { 1 };
            var map = new Dictionary<string, int>();
            ReadOnlySpan<byte> span = payload;
            var sum = 0;
            if (n == 1) sum += int.Parse(text);
            if (n == 2) sum += payload[n + 8];
            if (n == 3) sum += payload[n + 9];
            if (n == 4) sum += span[n + 8];
            if (n == 5) sum += span[n + 9];
            if (n == 6) sum += span.Slice(n + 8)[0];
            if (n == 7) sum += span.Slice(n + 9)[0];
            if (n == 8) sum += list[n];
            if (n == 9) sum += list[n + 1];
            if (n == 10) sum += map[text];
            if (n == 11) sum += node!.Number;
            if (n == 12) sum += node!.Next!.Number;
            if (n == 13) sum += checked(n * int.MaxValue);
            if (n == 14) sum += checked((byte)(n * 1000));
            if (n == 15) sum += (int)boxed;
            if (n == 16) throw new InvalidOperationException("a");
            if (n == 17) throw new InvalidOperationException("a");
            if (n == 18) sum += 1 / (n - 18);
            if (n == 19) sum += 1 % (n - 19);
            if (n == 20) sum += Endless(payload, 99).Sum();
            if (n == 21) sum += payload.Select(b => Twice(b)).Select(b =>
                Digit(text)).Sum();
            if (n == 22) return [new("A", double.NaN)];
            if (n == 23) return [new("A", double.PositiveInfinity)];
            if (n == 24) sum += BinaryPrimitives.ReadInt32BigEndian(span);
            if (n == 25) sum += BinaryPrimitives.ReadInt32BigEndian(span);
            if (n == 26) sum += Local(n);
            if (n == 27) sum += payload.First(b => b == 0);
            if (n == 28) sum += (int)Enum.Parse<Kind>(text);
            if (n == 29) sum += (config.GetString("missing") is null ? payload[77] : 0);
            Func<int, int> lambda = at => payload[at];
            if (n == 30) sum += lambda(55);
            if (n == 31) try { sum += lambda(56); } finally { sum++; }
            if (n == 32) try { sum += payload[n]; } catch (FormatException) { _ = 0; }
            return [new("A", sum)];
            int Local(int at)
            {
                var i = Twice(at);
                return payload[i];
            }
        }
        """;

    private static readonly string[] Lines = Source.Split('\n');

    private readonly CompiledScript _script = Scripts.Compile($"{Source}\n{Scripts.NoCommands}");

    [Test]
    public void A_fault_has_its_line([Range(1, 32)] int fault)
    {
        for (var time = 0; time < 3; time++)
        {
            Assert.That(_script.Parse((byte)fault).Failure?.Message, Does.EndWith($" (scripts/x.csx:{LineOf(fault)})"));
        }
    }

    // Where the fault is not in its own statement.
    private static int LineOf(int fault) => fault switch
    {
        20 => Array.FindIndex(Lines, line => line.Contains("// 20", StringComparison.Ordinal)),
        21 => Array.FindIndex(Lines, line => line.StartsWith("static int Digit", StringComparison.Ordinal)),
        26 => Array.FindIndex(Lines, line => line.Contains("return payload[i]", StringComparison.Ordinal)),
        30 or 31 => Array.FindIndex(Lines, line => line.Contains("lambda =", StringComparison.Ordinal)),
        _ => Array.FindIndex(Lines, line => line.Contains($"if (n == {fault})", StringComparison.Ordinal)),
    } + 1;
}
