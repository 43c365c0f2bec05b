using System.Globalization;
using CsCheck;
using Gateway.Scripting.Contract;

namespace Gateway.Tests.Scripting;

/// <summary>Bits and decimal fractions of raw integers.</summary>
internal sealed class RawNumberTests
{
    [TestCase(2145, 2, 21.45)]
    [TestCase(-5, 1, -0.5)]
    [TestCase(7, 0, 7)]
    [TestCase(short.MinValue, 2, -327.68)]
    public void A_raw_number_is_written_as_its_decimal(int raw, int decimals, double expected) => Assert.That(raw.Scaled(decimals), Is.EqualTo(expected));

    [Test]
    public void It_is_the_nearest_double_whatever_the_number() => Gen.Select(Gen.OneOf(Gen.Long, Gen.Long[-100_000, 100_000]), Gen.Int[0, 18]).Sample((raw, decimals) =>
        raw.Scaled(decimals).Equals(double.Parse($"{raw.ToString(CultureInfo.InvariantCulture)}e-{decimals}", CultureInfo.InvariantCulture)));

    [Test]
    public void Up_to_fifteen_digits_it_is_written_as_the_decimal_itself() => Gen.Select(Gen.Long[-999_999_999_999_999, 999_999_999_999_999], Gen.Int[0, 15]).Sample((raw, decimals) =>
        decimal.Parse(raw.Scaled(decimals).ToString("R", CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture) == raw / (decimal)Math.Pow(10, decimals));

    [Test]
    public void All_kinds_of_integers_can_be_scaled() => Assert.That(
        (((byte)255).Scaled(1), ulong.MaxValue.Scaled(0), ((sbyte)-1).Scaled(3), long.MinValue.Scaled(18)), Is.EqualTo((25.5, 18446744073709551615.0, -0.001, -9.223372036854775808)));

    [TestCase(-1)]
    [TestCase(19)]
    public void Other_decimals_are_a_mistake(int decimals) => Assert.That(() => 1.Scaled(decimals), Throws.TypeOf<ArgumentOutOfRangeException>());

    [Test]
    public void Bits_are_counted_from_the_least_significant()
    {
        Assert.Multiple(() =>
        {
            Assert.That((((byte)0x80).Bit(7), ((byte)0x80).Bit(6), (-1).Bit(31), 1UL.Bit(63)), Is.EqualTo((true, false, true, false)));
            Assert.That((((byte)0b1011_0100).Bits(2, 4), 0xABCD.Bits(4, 8), ((short)-1).Bits(12, 4), long.MinValue.Bits(63, 1)), Is.EqualTo(((byte)0b1101, 0xBC, (short)0xF, 1L)));
            Assert.That(() => ((byte)1).Bit(8), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => 1.Bit(-1), Throws.TypeOf<ArgumentOutOfRangeException>());
        });
    }

    [Test]
    public void Fields_of_bits_are_read_again_wherever_they_break_off() => Gen.Select(Gen.Int[1, 64], Gen.ULong).Array[1, 10].Sample(fields =>
    {
        var bits = string.Concat(fields.Select(field => Convert.ToString((long)field.Item2, 2).PadLeft(64, '0')[^field.Item1..]));
        var bytes = bits.PadRight((bits.Length + 7) / 8 * 8, '0').Chunk(8).Select(part => Convert.ToByte(new string(part), 2)).ToArray();
        var unsigned = new BitReader(bytes);
        var signed = new BitReader(bytes);
        foreach (var (count, value) in fields)
        {
            var expected = count == 64 ? value : value & ((1UL << count) - 1);
            var negative = (expected >> (count - 1)) == 1;
            if (unsigned.UInt(count) != expected || signed.Int(count) != (long)(negative && count < 64 ? expected | (ulong.MaxValue << count) : expected))
            {
                return false;
            }
        }

        return unsigned.Remaining < 8 && unsigned.Position == bits.Length;
    });

    [Test]
    public void Bits_past_the_end_are_told_with_their_place()
    {
        Assert.That(Problem, Throws.TypeOf<InvalidPayloadException>().With.Message.EqualTo("offset 1, bit 3: 6 bits are needed, 5 are left"));

        static void Problem()
        {
            var bits = new BitReader([1, 2]);
            bits.Skip(11);
            bits.UInt(6);
        }
    }
}
