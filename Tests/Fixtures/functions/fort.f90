subroutine scale_all(n, x, f, total)
  integer, intent(in) :: n
  double precision, intent(inout) :: x(n)
  double precision, intent(in) :: f
  double precision, intent(out) :: total
  x = x * f
  total = sum(x)
end subroutine

subroutine greet(name, out)
  character(len=*), intent(in) :: name
  character(len=*), intent(out) :: out
  out = 'hello ' // name
end subroutine

! Rows of a matrix, whose elements lie column by column.
subroutine row_sums(m, n, a, sums)
  integer, intent(in) :: m, n
  real, intent(in) :: a(m, n)
  real, intent(out) :: sums(m)
  sums = sum(a, dim=2)
end subroutine

double precision function hypotenuse(a, b)
  double precision, intent(in) :: a, b
  hypotenuse = sqrt(a * a + b * b)
end function

logical function is_even(n)
  integer, intent(in) :: n
  is_even = mod(n, 2) == 0
end function
