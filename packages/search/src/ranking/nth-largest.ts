/**
 * The `n`-th largest of some numbers, none of which is NaN; the least of them when there are fewer. Puts them in another
 * order. Takes time in proportion to how many there are (Hoare's selection, 1961), where sorting them would take longer
 * than what is done with the result.
 */
export function nthLargest(numbers: Float32Array, n: number): number {
	const wanted = Math.max(0, numbers.length - n);
	let low = 0;
	let high = numbers.length - 1;
	while (low < high) {
		const pivot = numbers[(low + high) >> 1] ?? 0;
		let left = low;
		let right = high;
		while (left <= right) {
			while ((numbers[left] ?? 0) < pivot) left++;
			while ((numbers[right] ?? 0) > pivot) right--;
			if (left > right) break;
			const swapped = numbers[left] ?? 0;
			numbers[left++] = numbers[right] ?? 0;
			numbers[right--] = swapped;
		}
		if (wanted <= right) high = right;
		else if (wanted >= left) low = left;
		else break;
	}
	return numbers[wanted] ?? 0;
}
